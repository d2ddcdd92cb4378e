import { expect, test } from 'vitest';
import { judgeChange } from '../../bench/harness/regression.js';
import { compare, spread } from '../../bench/harness/statistics.js';

const steady = (median: number) => ({ median, min: median * 0.98, max: median * 1.02, n: 7 });

test('a steady metric that got 20 % worse is a regression, 5 % is not', () => {
  expect(judgeChange(steady(1), steady(1.2)).verdict).toBe('worse');
  expect(judgeChange(steady(1), steady(1.05)).verdict).toBe('same');
  expect(judgeChange(steady(1), steady(0.7)).verdict).toBe('better');
});

test('a noisy metric needs a larger change', () => {
  const noisy = { median: 1, min: 0.5, max: 2, n: 3 };
  expect(judgeChange(noisy, steady(1.3)).verdict).toBe('same');
});

test('ratios are of the same round, and a failed run makes no pair', () => {
  const run = (wall: number) => ({ exitCode: 0, wall, cpu: wall, peakMb: 1, output: '' });
  const rounds = [
    new Map([
      ['npm', run(10)],
      ['own', run(5)],
    ]),
    new Map([
      ['npm', run(20)],
      ['own', run(4)],
    ]),
    new Map([
      ['npm', run(10)],
      ['own', null],
    ]),
  ];
  const own = compare(rounds, ['npm', 'own'], 'npm')[1];
  expect(own?.ratio).toEqual({ median: 0.35, min: 0.2, max: 0.5, n: 2 });
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, n: 3 });
});
