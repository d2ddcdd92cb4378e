import type { SliceStep } from '../../model.js';
import type { Match } from './match.js';
import type { Rule } from './schema.js';

/** How much code the entries of a package reach. */
export interface Extent {
  files: number;
  bytes: number;
}

/** What a finding weighs less for, or nothing. */
export interface Dilution {
  factor: number;
  why: string;
}

const LARGE: Extent = { files: 60, bytes: 400_000 };
/** A way through a program of this size is no long one. */
const TINY: Extent = { files: 12, bytes: 60_000 };

/**
 * In a large program everything reaches everything: values meet in configuration objects, and whatever is asked for is somewhere.
 * A way from source to sink that winds through several functions and files, and a conjunction of which the parts stand in
 * different files, say less there; what stands together weighs as much as in a small package. At install, where a payload has most to gain, the
 * factor never brings a heavy rule below a review where the code runs: an installer that is part of a large command loads much that nobody calls.
 *
 * @param matches all places of the rule's condition in this scope
 */
export function dilution(rule: Rule, match: Match, matches: readonly Match[], extent: Extent): Dilution | null {
  const large = extent.files >= LARGE.files || extent.bytes >= LARGE.bytes;
  const way = distance(match.steps);
  if (large && isConjunction(rule) && isScattered(match, matches))
    return { factor: factorOf(match, 4), why: 'its parts stand far apart in a large program' };
  if (large && way >= 1) return { factor: factorOf(match, way), why: 'a long way through a large program' };
  const tiny = extent.files <= TINY.files && extent.bytes <= TINY.bytes;
  return match.phase === 'bin' && way >= 4 && !tiny
    ? { factor: 0.4, why: 'a long way through a program that the user starts' }
    : null;
}

function factorOf({ phase, unasked }: Match, way: number): number {
  if (way === 1) return 0.6;
  // What a user starts is heavy enough that a half would still be a review.
  if (phase === 'bin' && way < 4) return 0.45;
  return (phase === 'install' && unasked) || way < 4 ? 0.5 : 0.35;
}

const LINES_OF_ANOTHER_PART = 150;

/** Files that a slice goes through after its first, calls that hand the value on, and leaps inside of a bundle. */
function distance(steps: readonly SliceStep[]): number {
  const way = steps.filter(({ role }) => role !== 'guard');
  const files = new Set(way.map(({ file }) => realFile(file)));
  const calls = way.filter(({ note }) => note.startsWith('passed to'));
  const leaps = way.filter((step, index) => {
    const before = way[index - 1];
    return before?.file === step.file && Math.abs(before.line - step.line) > LINES_OF_ANOTHER_PART;
  });
  return Math.max(0, files.size - 1) + Math.max(calls.length, 2 * leaps.length);
}

/** Decoded code stands in the file that it was decoded from. */
function realFile(file: string): string {
  return file.replace(/!\d+$/, '');
}

function isConjunction({ when }: Rule): boolean {
  if (!('all' in when)) return false;
  return (
    when.all.filter(
      (member) =>
        !('not' in member || 'phase' in member || 'extent' in member || 'manifest' in member || 'source' in member),
    ).length > 1
  );
}

function isScattered(match: Match, matches: readonly Match[]): boolean {
  const kind = kindOf(match);
  const file = realFile(match.file);
  return !matches.some((other) => kindOf(other) !== kind && realFile(other.file) === file);
}

function kindOf({ seen }: Match): string {
  return 'sink' in seen ? seen.sink : seen.id;
}
