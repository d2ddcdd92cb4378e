import type { Pattern } from '../interpreter/value.js';
import { hasShortRuns, longestInput } from './regex-risk.js';

const limits = new Map<string, number>();

function limitOf(source: string): number {
  let known = limits.get(source);
  if (known === undefined) {
    if (limits.size > 5000) limits.clear();
    known = longestInput(source);
    limits.set(source, known);
  }
  return known;
}

const MAX_MATCHES = 100_000;

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
  if (pattern.source.length > 2000) return null;
  if (input.length > limitOf(pattern.source) && !hasShortRuns(pattern.source, input)) return null;
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
