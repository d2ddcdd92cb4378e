import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const guarded = (test: string): boolean =>
  follow(
    `const digest = (text) => require('crypto').createHash('sha256').update(text).digest('hex');
require('http').createServer((req, res) => { const d = digest(req.headers.tag); if (${test}) require('child_process').exec(req.headers.run); });`,
  ).observations.some(({ sink, guards }) => sink === 'process.spawn' && guards.some(({ kind }) => kind === 'door'));

describe('a part of a digest that stands in code', () => {
  it.each([
    "d.startsWith('3b5fc0')",
    "d.endsWith('c0f3')",
    "d.indexOf('3b5fc0') === 0",
    "d.includes('3b5fc0')",
    "d.slice(0, 6) === '3b5fc0'",
    "'3b5fc0aa' === d.substring(8, 16)",
    'parseInt(d.slice(0, 8), 16) === 0x3b5fc0aa',
    '/^3b5fc0/.test(d)',
  ])('is a door: %s', (test) => expect(guarded(test)).toBe(true));

  it.each([
    "d.startsWith('00000')",
    "d.startsWith('sha256-')",
    "d === 'none'",
    'd.length === 4096',
    "d.slice(0, 4) === '2024'",
  ])('is none: %s', (test) => expect(guarded(test)).toBe(false));
});

describe('the digest of an answer', () => {
  const compared = (test: string): boolean =>
    follow(
      `exports.load = async (url, { sum }) => { const text = await (await fetch(url)).text(); const d = require('crypto').createHash('sha256').update(text).digest('hex'); if (${test}) throw new Error('no'); return eval(text); };`,
    ).observations.some(
      ({ sink, taints }) =>
        sink === 'compare' &&
        ['net.response', 'param'].every((id) => taints.some(({ source }) => source.startsWith(id))),
    );

  it.each(['d !== sum', 'sum && sum.toLowerCase() != d', '!(d === sum)'])('is checked by its caller: %s', (test) =>
    expect(compared(test)).toBe(true),
  );

  it.each(["d !== 'none'", 'url !== sum', 'text !== sum'])('is not: %s', (test) => expect(compared(test)).toBe(false));
});
