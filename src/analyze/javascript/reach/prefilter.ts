import { posix } from 'node:path';
import type { FileReading, Spans } from '../modules/file-readings.js';
import type { ModuleLoader } from '../modules/modules.js';
import type { TaintModels } from '../taint/taint-models.js';
import { bareCode, hidesText, isPower, ReachTokens, type TextReach, type TokenPlace } from './reach-tokens.js';

/** Says before anything is parsed which files of a package can matter, by what their texts name. */

const LITERAL_SPEC =
  /\b(?:require|import)\s*\(\s*['"`]([^'"`\n]+)['"`]\s*\)|\bfrom\s*['"]([^'"\n]+)['"]|\bimport\s*['"]([^'"\n]+)['"]|(?:new URL|resolve|join)\([^()]{0,60}['"`](\.[^'"`\n]+\.(?:[cm]?js|json))['"`]/g;

const SCRIPT = /\.(?:[cm]?[jt]sx?)$|(^|\/)[^./]+$/;
const WHOLE = 1_000_000;
const NOTHING: TextReach = { power: false, carrier: false, hints: 0 };

/** Where a file loads another of the package, by the offset of what loads it. */
interface LoadPlace {
  at: number;
  file: string;
}

/** What is known of the texts of one package. */
interface Known {
  tokens: ReachTokens;
  leading: Map<string, boolean>;
  loads: Map<string, LoadPlace[]>;
  /** Hints of several files are a power together: every file with one of them counts. */
  together: boolean;
}

const knownOf = new WeakMap<ModuleLoader, Known>();
const tokensOf = new WeakMap<TaintModels, ReachTokens>();

function known(loader: ModuleLoader): Known {
  let made = knownOf.get(loader);
  if (made === undefined) {
    const tokens = tokensOf.get(loader.models) ?? new ReachTokens(loader.models);
    tokensOf.set(loader.models, tokens);
    made = {
      tokens,
      leading: new Map(),
      loads: new Map(),
      together: false,
    };
    knownOf.set(loader, made);
  }
  return made;
}

/**
 * Whether something that these entries load can act outside of the language. Where nothing can, nothing follows from
 * what the files name otherwise.
 */
export function canAct(loader: ModuleLoader, entries: readonly string[]): boolean {
  let hints = 0;
  for (const path of closureOf(loader, entries)) {
    if (path.endsWith('.node')) return true;
    const reach = reachOf(loader, path);
    hints |= reach.hints;
    if (reach.power) {
      // What only together is a power is one in every file.
      if (isPower(hints)) known(loader).together = true;
      return true;
    }
  }
  if (!isPower(hints)) return false;
  known(loader).together = true;
  return true;
}

/** Whether a file of the package names anything that matters. */
export function isInteresting(loader: ModuleLoader, path: string): boolean {
  const { power, carrier, hints } = reachOf(loader, path);
  return power || carrier || (hints !== 0 && known(loader).together);
}

function reachOf(loader: ModuleLoader, path: string): TextReach {
  if (path.endsWith('.json')) return TAG_IN_DATA.test(dataOf(loader, path)) ? MARKUP : NOTHING;
  const reading = loader.reading(path);
  if (reading === null) return NOTHING;
  const { tokens } = known(loader);
  if (reading.reach?.tokens !== tokens)
    reading.reach = { tokens, found: tokens.read(reading.text, () => bareOf(reading)) };
  return reading.reach.found;
}

/** Script tags of a host, in data that may be put into the pages of others. */
const TAG_IN_DATA = /<script\b[^<>]{0,200}\bsrc\s*=\s*\\?["']?(?:https?:)?\/\//i;
const MARKUP: TextReach = { power: true, carrier: true, hints: 0 };
const MOST_DATA = 200_000;

function dataOf(loader: ModuleLoader, path: string): string {
  const text = loader.text(path) ?? '';
  return text.length > MOST_DATA || !text.includes('<script') ? '' : text;
}

/** Whether a file loads such data. */
export function loadsTags(loader: ModuleLoader, path: string): boolean {
  return filesLoadedBy(loader, path).some((each) => each.endsWith('.json') && isInteresting(loader, each));
}

/** The text of a file, its comments blanked where one can tell what they are. */
export function bareText(loader: ModuleLoader, path: string): string {
  const reading = loader.reading(path);
  return reading === null ? '' : (bareOf(reading) ?? reading.text);
}

function bareOf(reading: FileReading): string | null {
  if (reading.bare === undefined) reading.bare = bareCode(reading.text);
  return reading.bare;
}

/** Whether the part of a file from one offset to another names anything that matters; the file is searched once for all parts. */
export function hasTokensWithin(loader: ModuleLoader, path: string, from: number, to: number): boolean {
  if (hiddenIn(loader, path)) return true;
  const code = loader.text(path) ?? '';
  // Of a file that is read in parts only few functions are asked for.
  if (code.length > WHOLE) return known(loader).tokens.holds(code.slice(from, to), known(loader).together);
  return touches(placesOf(loader, path).all, from, to);
}

/** Whether that part acts outside, or hides what it does: more than to read what is worth taking. */
export function hasPowerWithin(loader: ModuleLoader, path: string, from: number, to: number): boolean {
  if (hiddenIn(loader, path) || (loader.text(path) ?? '').length > WHOLE) return true;
  return touches(placesOf(loader, path).powers, from, to);
}

function touches({ starts, ends }: Spans, from: number, to: number): boolean {
  // The first token that ends behind the beginning is the only one to look at.
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) > from) high = middle;
    else low = middle + 1;
  }
  return (starts[low] ?? Number.POSITIVE_INFINITY) < to;
}

/** Where the tokens of a file begin. */
export function tokenPlaces(loader: ModuleLoader, path: string): readonly number[] {
  return placesOf(loader, path).all.starts;
}

function placesOf(loader: ModuleLoader, path: string): { all: Spans; powers: Spans } {
  const reading = loader.reading(path);
  if (reading === null) return NOWHERE;
  const { tokens, together } = known(loader);
  const before = reading.places;
  if (before?.tokens === tokens && before.together === together) return before;
  const all = tokens.places(bareText(loader, path), together);
  reading.places = { tokens, together, all: spansOf(all), powers: spansOf(all.filter(({ power }) => power)) };
  return reading.places;
}

const NOWHERE = { all: spansOf([]), powers: spansOf([]) };

function spansOf(places: readonly TokenPlace[]): Spans {
  return { starts: places.map(({ start }) => start), ends: places.map(({ end }) => end) };
}

function hiddenIn(loader: ModuleLoader, path: string): boolean {
  const reading = loader.reading(path);
  if (reading === null) return false;
  reading.hidden ??= hidesText(reading.text);
  return reading.hidden;
}

/** Whether a file, or one that it loads, names anything that matters. */
export function leadsOutside(loader: ModuleLoader, path: string): boolean {
  const { leading } = known(loader);
  const before = leading.get(path);
  if (before !== undefined) return before;
  const visited = new Set<string>();
  const queue = [path];
  let found = false;
  while (queue.length > 0 && !found) {
    const at = queue.pop() as string;
    if (visited.has(at)) continue;
    visited.add(at);
    found = leading.get(at) ?? isInteresting(loader, at);
    if (!found && leading.get(at) === undefined) queue.push(...filesLoadedBy(loader, at));
  }
  if (found) leading.set(path, true);
  else for (const each of visited) leading.set(each, false);
  return found;
}

/** Files of the package that an entry loads, found by the specifiers that stand in their texts. */
export function closureOf(loader: ModuleLoader, entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...entries];
  while (queue.length > 0) {
    const path = queue.pop() as string;
    if (seen.has(path)) continue;
    seen.add(path);
    for (const found of filesLoadedBy(loader, path)) if (!seen.has(found)) queue.push(found);
  }
  return seen;
}

function filesLoadedBy(loader: ModuleLoader, path: string): string[] {
  return [...new Set(loadPlaces(loader, path).map(({ file }) => file))];
}

/** Where the specifiers of other files of the package stand in a file. */
export function loadPlaces(loader: ModuleLoader, path: string): readonly LoadPlace[] {
  if (!SCRIPT.test(path)) return [];
  const { loads } = known(loader);
  let found = loads.get(path);
  if (found === undefined) {
    found = [];
    for (const match of (loader.text(path) ?? '').matchAll(LITERAL_SPEC)) {
      const spec = match[1] ?? match[2] ?? match[3] ?? match[4];
      if (spec === undefined) continue;
      const file =
        loader.resolve(spec, path) ?? loader.resolve(`./${posix.join(posix.dirname(path), spec)}`, 'package.json');
      if (file !== null) found.push({ at: match.index, file });
    }
    loads.set(path, found);
  }
  return found;
}
