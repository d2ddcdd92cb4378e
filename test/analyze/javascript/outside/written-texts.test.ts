import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const contents = (code: string): (string | null | undefined)[] =>
  follow(code).observations.flatMap(({ sink, args }) => (sink === 'fs.write' ? [args[1]?.text] : []));

test('a content that is one of a few is told with all of them, a name that is one of a few by the first', () => {
  const code = `const fs = require('fs'); const os = require('os');
class Unit { toString() { if (os.platform() === 'darwin') return '<plist> a launch agent of the usual kind </plist>';
return '[Service] a unit of the usual kind, for the other system'; } }
fs.writeFileSync('/unit', String(new Unit()));
fs.writeFileSync('/name', os.platform() === 'darwin' ? 'short' : 'shorter');`;
  expect(contents(code)).toEqual([
    '[Service] a unit of the usual kind, for the other system\n<plist> a launch agent of the usual kind </plist>',
    'short',
  ]);
});

test('what is written by a descriptor that a callback gets goes into the file that was opened', () => {
  const code = `const fs = require('fs');
fs.open('/srv/data/a', 'r+', (error, fd) => { fs.write(fd, 'x'.repeat(9), 0, () => fs.close(fd, () => {})); });`;
  const seen = follow(code).observations.filter(({ api }) => api === 'fs.open().write');
  expect(seen.map(({ target }) => target)).toEqual(['/srv/data/a']);
});

test('of options that a condition added to, it is told what stands alike in both and what may stand there', () => {
  const code = `const https = require('https');
function ask(url, options) {
  if (process.env.AGENT) options = { ...options, method: 'POST', headers: { ...options.headers, 'x-more': 'a' } };
  https.get(url, options, () => {});
}
ask('https://api.example.test/', { port: 8443, headers: { authorization: 'token ' + process.env.A_TOKEN } });`;
  const options = follow(code).observations.find(({ sink, target }) => sink === 'net.out' && target !== null)?.args[1];
  expect(options?.fields).toEqual({
    port: '8443',
    method: '\uFFFC',
    'headers.authorization': 'token \uFFFC',
    'headers.x-more': 'a',
  });
  expect(options?.text?.split('\n')).toHaveLength(2);
});

test('headers that are there or not are told where they are', () => {
  const code = `const signIn = (token) => (token ? { Authorization: 'Bearer ' + token, Accept: 'application/json' } : {});
fetch('https://api.example.test/', { headers: signIn(process.env.A_TOKEN) });`;
  const sent = follow(code).observations.find(({ sink, taints }) => sink === 'net.out' && taints.length > 0);
  expect(sent?.args[1]?.fields).toEqual({
    'headers.Authorization': 'Bearer \uFFFC',
    'headers.Accept': 'application/json',
  });
  expect(sent?.taints.some(({ through }) => through.includes('in-authorization'))).toBe(true);
});
