import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const compared = (code: string): string[] =>
  follow(`${code}; fetch('https://a.example')`).facts.flatMap(({ id, detail }) =>
    id === 'clock.compared' ? [detail] : [],
  );

test.each([
  'const end = 0x1d0c2a3b400; if (Date.now() < end) stop()',
  "const end = new Date('2027-01-01'); if (new Date() >= end) go()",
  'const end = Date.UTC(2027, 0, 15); const late = Date.now() > end',
  'const y = new Date().getFullYear(); if (y > 2026) go()',
  'const end = new Date(2027, 1).getTime() / 1000; if (end < Date.now() / 1000) go()',
])('a moment of the code is one however it is written: %s', (code) => {
  expect(compared(code)).toHaveLength(1);
});

test.each([
  'if (Date.now() - started > 864e5) go()',
  'if (Date.now() > started) go()',
  "if (new Date('2027-01-01') > new Date('2026-01-01')) go()",
  'if (performance.now() > 500) go()',
])('ages and others’ moments are none: %s', (code) => {
  expect(compared(code)).toEqual([]);
});
