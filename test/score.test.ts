import { describe, expect, test } from 'vitest';
import type { Phase } from '../src/model.js';
import { actionOf, combine } from '../src/score.js';

const weighed = (weight: number, family: string, phase: Phase = 'install', unasked = true) => ({
  weight,
  family,
  phase,
  unasked,
});

const PHASES = ['install', 'import', 'bin', 'metadata'] as const;

describe('score', () => {
  test('never falls when a finding comes on top, and stays within 0 and 100', () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let round = 0; round < 300; round += 1) {
      const findings = Array.from({ length: 1 + Math.floor(random() * 8) }, () =>
        weighed(
          Math.round(random() * 100),
          `f${Math.floor(random() * 4)}`,
          PHASES[Math.floor(random() * 4)],
          random() > 0.5,
        ),
      );
      for (let count = 1; count <= findings.length; count += 1) {
        const [before, after] = [combine(findings.slice(0, count - 1)), combine(findings.slice(0, count))];
        expect(after).toBeGreaterThanOrEqual(before);
        expect(after).toBeLessThanOrEqual(100);
      }
    }
  });

  test('one family counts once, families combine', () => {
    expect(combine([])).toBe(0);
    expect(combine([weighed(60, 'a'), weighed(50, 'a')])).toBe(60);
    expect(combine([weighed(60, 'a'), weighed(50, 'b')])).toBe(80);
  });

  test('slight things do not add up', () => {
    expect(combine(['a', 'b', 'c', 'd'].map((family) => weighed(19, family)))).toBe(19);
    expect(combine([weighed(50, 'a'), weighed(10, 'b'), weighed(19, 'c')])).toBe(60);
  });

  test('phases stand alone, what is said of the package counts in each, what must be called counts once', () => {
    expect(combine([weighed(60, 'a', 'install'), weighed(50, 'b', 'import')])).toBe(60);
    expect(combine([weighed(60, 'a', 'install'), weighed(50, 'b', 'metadata')])).toBe(80);
    expect(combine([weighed(30, 'a', 'import', false), weighed(30, 'b', 'import', false)])).toBe(30);
  });

  test('thresholds and floors make the action', () => {
    const thresholds = { review: 40, block: 75 };
    expect([39, 40, 74, 75].map((score) => actionOf(score, [], thresholds))).toEqual([
      'allow',
      'review',
      'review',
      'block',
    ]);
    expect(actionOf(0, ['review'], thresholds)).toBe('review');
    expect(actionOf(90, ['review'], thresholds)).toBe('block');
  });
});
