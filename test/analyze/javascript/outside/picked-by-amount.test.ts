import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const ids = (text: string): string[] => follow(text).facts.map(({ id }) => id);
const A = '0x5b1e9c0d4a7f3826e0d19b5c7a8f642d3e01b9c7';

describe('a recipient that goes by the amount', () => {
  test.each([
    ['a choice', `exports.f = (to, value) => ({ to: value > 1000n ? '${A}' : to, value });`],
    ['the other way round', `exports.f = (to, value) => ({ to: value <= 1000n ? to : '${A}', value });`],
    [
      'an early return',
      `const p = (to, value) => { if (value > 9) return '${A}'; return to; }; exports.f = (to, value) => ({ to: p(to, value) });`,
    ],
    ['a variable', `exports.f = (to, value) => { if (value > 9) to = '${A}'; return { to, value, data: '0x' }; };`],
    [
      'a field',
      `exports.f = (to, value) => { const tx = { value }; if (value > 9) tx.to = '${A}'; else tx.to = to; return tx; };`,
    ],
    [
      'a name for the test',
      `exports.f = (to, value) => { const large = value > 9; return { to: large ? '${A}' : to }; };`,
    ],
    ['chance', `exports.f = (to, value) => ({ to: Math.random() < 0.1 ? '${A}' : to, value });`],
  ])('is told: %s', (_name, text) => {
    expect(ids(text)).toContain('recipient-by-amount');
  });

  test.each([
    ['an option', `exports.f = (to, value, tip) => ({ to: tip ? '${A}' : to, over: value > 9 });`],
    ['a default', `exports.f = ({ to = '${A}', value }) => ({ to, over: value > 9 });`],
    ['a contract', `exports.f = (to, value, data) => ({ to: value > 9 ? '${A}' : to, value, data });`],
    ['nothing to pay', `exports.f = (to, value) => ({ to: value > 0n ? to : '${A}', value });`],
    ['a vault of the caller', `exports.f = (to, value, vault) => ({ to: value > 9 ? vault : to, own: '${A}' });`],
  ])('is not told: %s', (_name, text) => {
    expect(ids(text)).not.toContain('recipient-by-amount');
  });
});
