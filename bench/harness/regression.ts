import type { Spread } from './statistics.js';

/** What became of one metric; lower is better for all that are kept. */
export interface Change {
  verdict: 'same' | 'worse' | 'better';
  /** New median through old median. */
  factor: number;
  /** Relative distance that is put down to noise. */
  noise: number;
}

// Two runs of the same thing on the same machine still differ by this much (measured A/A on two shared cores).
const FLOOR = 0.1;

/** Compares medians; noise is half of (max − min) through the median, over the square root of n, at least 10 %. */
export function judgeChange(before: Spread, now: Spread): Change {
  const noise = Math.max(FLOOR, halfRange(before) / Math.sqrt(before.n), halfRange(now) / Math.sqrt(now.n));
  const factor = now.median / before.median;
  const verdict = factor > 1 + noise ? 'worse' : factor < 1 - noise ? 'better' : 'same';
  return { verdict, factor, noise };
}

function halfRange({ min, max, median }: Spread): number {
  return (max - min) / 2 / median;
}
