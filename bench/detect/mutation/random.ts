/** A seeded source of numbers in [0, 1) (mulberry32 by T. Ettinger, public domain): the same seed gives the same mutants. */
export type Random = () => number;

export function seededRandom(seed: string): Random {
  let state = 0x9e3779b9;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of the values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

/** An identifier that looks like any other. */
export function name(random: Random): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return `${pick(random, [...letters])}${pick(random, [...letters])}${Math.floor(random() * 1000)}`;
}
