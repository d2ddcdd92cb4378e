import { expect, test } from 'vitest';
import type { ArgumentFact, Observation } from '../../../src/analyze/observation.js';
import { hostOf, isVendorHost } from '../../../src/analyze/rules/host.js';

const argument = (text: string | null): ArgumentFact => ({
  text,
  constant: false,
  taints: [],
  decoded: false,
  fields: {},
});
const seen = (target: string | null, ...texts: (string | null)[]) =>
  ({ sink: 'net.out', target, args: [argument(target), ...texts.map(argument)] }) as unknown as Observation;

test.each([
  ['the address', seen('https://a.example/x', '{"body":"https://b.example"}'), 'a.example'],
  ['an option', seen(null, '{"x":"https://b.example/y"}'), 'b.example'],
  [
    'none: what a client says of itself',
    seen('\uFFFC/x', '{"User-Agent":"Bot (https://code.example/bot, 1.0)"}'),
    null,
  ],
  ['none: a protocol behind an address that is not known', seen('\uFFFC://\uFFFC:\uFFFC', 'topicsv3.1'), null],
  ['none: an object in the place of a text', seen('https://[object Object]'), null],
  ['none: an option that nobody has set', seen('http://undefined:9515/status'), null],
  ['none: the name of a language of markup', seen('http://www.w3.org/1999/xhtml/x'), null],
])('the host is %s', (_what, observation, host) => {
  expect(hostOf(observation)).toBe(host);
});

test('a link in what is sent is no host, an address among the options is one', () => {
  const body = 'see https://b.example/about';
  const options = (url: string) => ({
    ...argument(`{"url":"${url}","json":{"body":"${body}"}}`),
    fields: { 'json.body': body },
  });
  const sent = (url: string) => ({ ...seen(null), args: [argument(null), options(url)] }) as Observation;
  expect(hostOf(sent('\uFFFC'))).toBeNull();
  expect(hostOf(sent('https://a.example/x'))).toBe('a.example');
});

test('a variable without a value and a checksum beside something are no hosts', () => {
  expect(hostOf(seen('undefined/versions'))).toBeNull();
  expect(hostOf(seen('archive.sha512'))).toBeNull();
});

test.each([
  ['acmectl', 'get.acme.example', true],
  ['@tools/acme-cli', 'get.acme.example', true],
  ['acmejs', 'acme.example', true],
  ['acmetric', 'acme.example', false],
  ['myacmectl', 'acme.example', false],
])('%s and %s have one name: %s', (name, host, expected) => {
  expect(isVendorHost(host, { name, raw: {}, repository: null })).toBe(expected);
});
