import { expect, test } from 'vitest';
import { follow } from '../sample.js';

test('guards of observations say their conditions, and hold nothing of the syntax trees that these are parts of', () => {
  const code = `const http = require('http');
if (process.platform === 'linux') http.get('http://a.example/x'); else http.get('http://b.example/x');`;
  const guards = follow(code).observations.flatMap((each) => each.guards);
  expect(guards.map(({ text }) => text)).toEqual([
    "process.platform === 'linux'",
    "not (process.platform === 'linux')",
  ]);
  for (const guard of guards)
    expect(Object.entries(guard).map(([name, value]) => `${name}: ${typeof value}`)).toEqual([
      'kind: string',
      'text: string',
      'line: number',
    ]);
});

test('whether something lies in the working or home folder is no question of whose machine it is', () => {
  const kinds = (condition: string): string[] =>
    follow(`const os = require('os'); const path = require('path');
const home = os.homedir(); const found = require('x-find')(process.cwd());
if (${condition}) require('http').get('http://a.example/x');`).observations.flatMap((seen) =>
      seen.guards.map(({ kind }) => kind),
    );
  expect(kinds('!found')).toEqual(['folder']);
  expect(kinds("home.includes('sandbox')")).toEqual(['hostname']);
  expect(kinds('os.hostname()')).toEqual(['hostname']);
});
