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
