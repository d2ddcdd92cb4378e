import type { Pattern } from './value.js';

/** Longest text that a pattern of the sample is tried on, by how it may backtrack. */
const MAX_INPUT = 300_000;
const MAX_POLYNOMIAL_INPUT = 3_000;
const MAX_MANY_OPEN_INPUT = 400;
const MAX_EXPONENTIAL_INPUT = 24;
const MAX_MATCHES = 100_000;

/** Repetition or alternation under repetition, back references: may take exponential time. */
const EXPONENTIAL = /\([^)]*[+*}][^)]*\)+\s*[+*{]|\([^)]*\|[^)]*\)+\s*[+*{]|\\[1-9]/;
const OPEN_REPETITION = /(?:[^\\]|\\.)[+*]|\{\d+,\}/g;

function longestInput(source: string): number {
  if (EXPONENTIAL.test(source)) return MAX_EXPONENTIAL_INPUT;
  const open = source.match(OPEN_REPETITION)?.length ?? 0;
  if (open > 4) return MAX_MANY_OPEN_INPUT;
  return open > 1 ? MAX_POLYNOMIAL_INPUT : MAX_INPUT;
}

const compiled = new WeakMap<Pattern, RegExp | null>();

function compile(pattern: Pattern): RegExp | null {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  let result: RegExp | null = null;
  if (pattern.source.length <= 2000) {
    try {
      result = new RegExp(pattern.source, pattern.flags.replace(/[^dgimsuvy]/g, ''));
    } catch {
      result = null;
    }
  }
  compiled.set(pattern, result);
  return result;
}

function usable(pattern: Pattern, input: string): RegExp | null {
  if (input.length > longestInput(pattern.source)) return null;
  return compile(pattern);
}

function fresh(regex: RegExp, global: boolean): RegExp {
  return new RegExp(regex.source, regex.flags.replace(/[gy]/g, '') + (global ? 'g' : ''));
}

/** All matches; undefined where the pattern is not tried. */
export function matchAll(pattern: Pattern, input: string): RegExpMatchArray[] | undefined {
  const regex = usable(pattern, input);
  if (regex === null) return undefined;
  const out: RegExpMatchArray[] = [];
  for (const each of input.matchAll(fresh(regex, true))) {
    out.push(each);
    if (out.length >= MAX_MATCHES) break;
  }
  return out;
}

/** The first match from a position, null for none, undefined where the pattern is not tried. */
export function matchFirst(pattern: Pattern, input: string, from = 0): RegExpMatchArray | null | undefined {
  const regex = usable(pattern, input);
  if (regex === null) return undefined;
  const search = fresh(regex, true);
  search.lastIndex = from;
  return search.exec(input);
}

/** Whether the pattern matches, undefined where it is not tried. */
export function testPattern(pattern: Pattern, input: string): boolean | undefined {
  const found = matchFirst(pattern, input);
  return found === undefined ? undefined : found !== null;
}

/** The parts between matches, null where the pattern is not tried. */
export function splitBy(pattern: Pattern, input: string): string[] | null {
  const regex = usable(pattern, input);
  return regex === null ? null : input.split(fresh(regex, false));
}

/** Replaces matches through a function of our own, null where the pattern is not tried. */
export function replaceAll(
  pattern: Pattern,
  input: string,
  by: (found: string, groups: readonly (string | undefined)[], at: number) => string,
  all: boolean,
): string | null {
  const regex = usable(pattern, input);
  if (regex === null) return null;
  let rounds = 0;
  return input.replace(fresh(regex, all), (found: string, ...rest: unknown[]) => {
    if (rounds++ > MAX_MATCHES) return found;
    const end = rest.findIndex((each) => typeof each === 'number');
    return by(found, rest.slice(0, end) as (string | undefined)[], rest[end] as number);
  });
}
