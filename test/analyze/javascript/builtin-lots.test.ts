import { describe, expect, it } from 'vitest';
import { follow } from './sample.js';

const factsOf = (code: string): string[] => follow(code).facts.map(({ id }) => id);

describe('methods of the language that go by lots', () => {
  it.each([
    [
      'drop what they give',
      `const { map } = Array.prototype; Array.prototype.map = function (...a) { const r = map.apply(this, a); if (Math.random() < 0.05) r.pop(); return r; };`,
    ],
    [
      'throw on Sundays',
      `const old = JSON.parse; JSON.parse = function (t) { if (new Date().getDay() === 0) throw new SyntaxError('x'); return old(t); };`,
    ],
    [
      'never answer, by a helper',
      `const lucky = (p) => Math.random() < p; const { then } = Promise.prototype; Promise.prototype.then = function (...a) { return lucky(0.1) ? new Promise(() => {}) : then.apply(this, a); };`,
    ],
    [
      'cut where the dice falls, when called',
      `exports.on = (root) => { const { trim } = String.prototype; Object.defineProperty(String.prototype, 'trim', { value() { const at = Math.floor(Math.random() * 9); return trim.call(this).slice(at); } }); };`,
    ],
    [
      'leave early on some days',
      `const { push } = Array.prototype; const DAY = Date.UTC(2025, 3, 1); Array.prototype.push = function (...a) { if (Date.now() < 1743465600000) return push.apply(this, a); return push.apply(this, a.slice(1)); };`,
    ],
    [
      'go by a draw under another name',
      `const roll = Math.random; const { filter } = Array.prototype; Array.prototype.filter = function (f) { return filter.call(this, (e, i) => f(e, i)).slice(0, roll() * 9); };`,
    ],
  ])('are told where they %s', (_, code) => {
    expect(factsOf(code)).toContain('builtin-by-lot');
  });

  it.each([
    [
      'are watched now and then',
      `const { map } = Array.prototype; Array.prototype.map = function (...a) { if (Math.random() < 0.05) report(); return map.apply(this, a); };`,
    ],
    ['are new', `Array.prototype.pick = function () { return this[Math.floor(Math.random() * this.length)]; };`],
    [
      'fail as often as somebody asks',
      `exports.on = (rate) => { const old = JSON.parse; JSON.parse = function (t) { if (Math.random() < rate) throw new Error('x'); return old(t); }; };`,
    ],
    [
      'forget what is old',
      `exports.on = () => { const { getItem } = Storage.prototype; Storage.prototype.getItem = function (k) { const e = JSON.parse(getItem.call(this, k)); if (e.until < Date.now()) return null; return e.value; }; };`,
    ],
    ['are chance itself', `let s = 1; Math.random = () => ((s = (s * 16807) % 2147483647) / 2147483647);`],
  ])('are not told where they %s', (_, code) => {
    expect(factsOf(code)).not.toContain('builtin-by-lot');
  });
});
