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
