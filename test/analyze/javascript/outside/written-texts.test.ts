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
