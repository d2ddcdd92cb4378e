import type { Round } from './rounds.js';

/** Median with the range it came from. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  n: number;
}

/** One contender against the baseline of the same rounds. */
export interface Comparison {
  name: string;
  wall: Spread;
  cpu: Spread;
  peakMb: Spread;
  /** Wall of this contender through wall of the baseline, pair by pair; null for the baseline itself. */
  ratio: Spread | null;
  cpuRatio: Spread | null;
}

/** Median, minimum, maximum and count. */
export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, n: sorted.length };
}

/** Compares every contender with the baseline, round by round; a round in which either failed makes no pair. */
export function compare(rounds: Round[], names: string[], baseline: string): Comparison[] {
  return names.map((name) => {
    const own = rounds.map((round) => round.get(name)).filter((m) => m != null);
    const pairs = rounds.flatMap((round) => {
      const mine = round.get(name);
      const base = round.get(baseline);
      return mine && base ? [{ mine, base }] : [];
    });
    const isBaseline = name === baseline;
    return {
      name,
      wall: spread(own.map((m) => m.wall)),
      cpu: spread(own.map((m) => m.cpu)),
      peakMb: spread(own.map((m) => m.peakMb)),
      ratio: isBaseline ? null : spread(pairs.map(({ mine, base }) => mine.wall / base.wall)),
      cpuRatio: isBaseline ? null : spread(pairs.map(({ mine, base }) => mine.cpu / base.cpu)),
    };
  });
}
