import type * as t from '@babel/types';
import type { Interpreter } from '../interpreter/interpreter.js';
import { isSet, type Mention, mentionAt } from './mentions.js';
import {
  bareText,
  hasTokensWithin,
  isInteresting,
  leadsOutside,
  loadPlaces,
  loadsTags,
  tokenPlaces,
} from './prefilter.js';
import { WordSet } from './words.js';

interface Range {
  start: number;
  end: number;
  name: string | null;
  /** The name is that of a property, not of a variable. */
  member: boolean;
  /** The function around it. */
  outer: Range | null;
}

/** The functions of a file, and where its text mentions what is alive. */
interface FileFunctions {
  /** The text, without its comments where one can tell them. */
  code: string;
  ranges: Range[];
  mentions: number[];
  /** Where variables and fields are filled that functions with tokens read. */
  fillings: number[];
  /** Names that are variables and members at once, so that a mention of the one may mean the other. */
  both: Set<string>;
}

/** Where the name of a function stands that may mean it. */
interface NamePlace {
  file: FileFunctions;
  at: number;
  mention: Mention;
  isAlive: boolean;
}

/** A function that is worth entering, as others name it. */
interface Named {
  name: string;
  member: boolean;
  file: FileFunctions;
}

const SMALL_FILE = 12_000;
const SHORT = 2;
const MANY_NAMES = 20_000;

/**
 * Which functions that nobody called are worth entering: those whose text names something that matters, those that mention
 * a function that is, by name and over all files, and those that fill what such a function reads. The rest computes.
 */
export class LiveFunctions {
  private readonly I: Interpreter;
  private readonly files = new Map<string, FileFunctions>();
  private readonly whole = new Map<string, boolean>();
  private followed = false;

  constructor(I: Interpreter) {
    this.I = I;
  }

  /** Whether the text of a function itself names something that matters; true for all functions of files that count as a whole. */
  acts(file: string, node: t.Node): boolean {
    return this.isWhole(file) || this.names(file, node);
  }

  /** Whether the text of a function itself names something that matters. */
  names(file: string, node: t.Node): boolean {
    const range = rangeOf(this.I, file, node);
    return range === null || hasTokensWithin(this.I.loader, file, range.start, range.end);
  }

  /** Whether a function acts, or leads to one that does. */
  leads(file: string, node: t.Node): boolean {
    return this.acts(file, node) || this.holds(file, node, ({ mentions }) => mentions);
  }

  /** Whether a function acts, or leaves something behind for one that does. */
  feeds(file: string, node: t.Node): boolean {
    return this.acts(file, node) || this.holds(file, node, ({ fillings }) => fillings);
  }

  private holds(file: string, node: t.Node, placesOf: (functions: FileFunctions) => readonly number[]): boolean {
    if (!this.followed) this.followAll();
    const range = rangeOf(this.I, file, node);
    if (range === null) return true;
    const functions = this.files.get(file);
    if (functions === undefined) return false;
    const places = placesOf(functions);
    return (places[firstFrom(places, range.start)] ?? Number.POSITIVE_INFINITY) < range.end;
  }

  /** Files of which all functions count: small ones, decoded code, obfuscated code, where names say nothing. */
  private isWhole(file: string): boolean {
    let known = this.whole.get(file);
    if (known === undefined) {
      const { loader } = this.I;
      const code = loader.text(file);
      known =
        code === null ||
        !loader.files.has(file) ||
        (code.length < SMALL_FILE && (isInteresting(loader, file) || loadsTags(loader, file))) ||
        loader.obfuscation(file).length > 0;
      this.whole.set(file, known);
    }
    return known;
  }

  private followAll(): void {
    this.followed = true;
    for (const { node, file } of this.I.made) this.note(file, node);
    this.follow();
    for (const { mentions, fillings } of this.files.values())
      for (const places of [mentions, fillings]) places.sort((a, b) => a - b);
  }

  private note(file: string, node: t.Node): void {
    const range = rangeOf(this.I, file, node);
    if (range === null) return;
    let known = this.files.get(file);
    if (known === undefined) {
      const code = bareText(this.I.loader, file);
      // What is read in parts has no function that is as its text has it.
      if (code.length > this.I.budget.fileBytes) return;
      known = { code, ranges: [], mentions: [], fillings: [], both: new Set() };
      this.files.set(file, known);
    }
    known.ranges.push({ ...range, ...nameOf(node, known.code, range.start), outer: null });
  }

  /** From functions with tokens to those that mention them, until no more come. */
  private follow(): void {
    const names = new Set<string>();
    for (const { ranges } of this.files.values()) for (const { name } of ranges) if (name !== null) names.add(name);
    if (names.size > MANY_NAMES) return;
    const places = this.placesOf(new WordSet(names));
    const queue: Named[] = [];
    const alive = new Set<Range>();
    const reach = (file: FileFunctions, range: Range) => {
      if (alive.has(range)) return;
      alive.add(range);
      if (range.name !== null) queue.push({ name: range.name, member: range.member, file });
    };
    const loaded = this.I.loader.loaded(this.I);
    for (const [path, file] of this.files) {
      // What a function loads first runs only when the function does.
      for (const { at, file: other } of loadPlaces(this.I.loader, path)) {
        if (loaded.has(other) || !leadsOutside(this.I.loader, other)) continue;
        file.mentions.push(at);
        for (const range of enclosing(file.ranges, at)) reach(file, range);
      }
      if (!isInteresting(this.I.loader, path)) continue;
      const readers = new Set<Range>();
      for (const at of tokenPlaces(this.I.loader, path)) {
        const around = enclosing(file.ranges, at);
        for (const range of around) reach(file, range);
        const inner = around[0];
        if (inner !== undefined) readers.add(inner);
      }
      file.fillings = fillings(file.code, readers);
      for (const at of file.fillings) file.mentions.push(at);
      for (const at of file.mentions) for (const range of enclosing(file.ranges, at)) reach(file, range);
    }
    for (let round = 0; round < MADE_ROUNDS && queue.length > 0; round++) {
      const made = new Map<string, Named>();
      for (let named = queue.pop(); named !== undefined; named = queue.pop()) {
        for (const place of places.get(named.name) ?? []) {
          if (place.isAlive || !means(place, named)) continue;
          place.isAlive = true;
          place.file.mentions.push(place.at);
          const around = enclosing(place.file.ranges, place.at);
          for (const range of around) reach(place.file, range);
          const variable = around.length > 0 ? null : variableMade(place.file.code, place.at);
          if (variable !== null && !names.has(variable))
            made.set(variable, { name: variable, member: false, file: place.file });
        }
      }
      if (made.size === 0) return;
      for (const [name, list] of this.placesOf(new WordSet(new Set(made.keys())), false)) places.set(name, list);
      queue.push(...made.values());
    }
  }

  /** Everywhere that the names of functions stand as names. */
  private placesOf(wanted: WordSet, first = true): Map<string, NamePlace[]> {
    const places = new Map<string, NamePlace[]>();
    for (const file of this.files.values()) {
      if (first) nest(file.ranges);
      for (const { word, at } of wanted.placesIn(file.code)) {
        const mention = mentionAt(file.code, at, word.length);
        if (mention === null) continue;
        if (mention === 'both' || (mention === 'member' && isSet(file.code, at + word.length))) file.both.add(word);
        const list = places.get(word);
        const place = { file, at, mention, isAlive: false };
        if (list === undefined) places.set(word, [place]);
        else list.push(place);
      }
    }
    return places;
  }
}

/** The variable that is declared with what a call at the top of a file gives: `const send = transports.http(url)`. */
function variableMade(code: string, at: number): string | null {
  return MADE.exec(code.slice(Math.max(0, at - 160), at))?.[1] ?? null;
}

const MADE = /(?:^|[;\n{}])\s*(?:const|let|var)\s+([\w$]{3,})\s*=[^;]*$/;
const MADE_ROUNDS = 4;

/** Whether a name at a place may mean a function. A variable of one file is known in others under what it is exported as. */
function means({ file, at, mention }: NamePlace, named: Named): boolean {
  if (named.name.length <= SHORT && !isCalled(file.code, at + named.name.length)) return false;
  if (mention === 'both' || file.both.has(named.name)) return true;
  return named.member ? mention === 'member' : mention === 'variable' || file !== named.file;
}

/** What follows the name of a variable that is filled. */
const FILLED =
  /\s*(?:=(?![=>])|\.\s*(?:push|set|add|unshift|append)\s*\(|\[[^\]\n]{1,40}\]\s*=(?!=)|\.\s*[\w$]{1,60}\s*=(?![=>]))/y;
const COMMON = new Set(['this', 'exports', 'module', 'prototype', 'const', 'let', 'var', 'self', 'options', 'result']);

/** Where a text fills variables that some of its functions read. */
function fillings(code: string, readers: ReadonlySet<Range>): number[] {
  if (readers.size === 0) return [];
  const read = new Set<string>();
  for (const { start, end } of readers)
    for (const [word] of code.slice(start, end).matchAll(/(?<![\w$])[A-Za-z_$][\w$]{2,}/g))
      if (!COMMON.has(word)) read.add(word);
  const found: number[] = [];
  for (const { word, at } of new WordSet(read).placesIn(code)) {
    FILLED.lastIndex = at + word.length;
    if (FILLED.test(code)) found.push(at);
  }
  return found;
}

/** Sorts ranges by their beginnings and tells each the one around it. */
function nest(ranges: Range[]): void {
  ranges.sort((a, b) => a.start - b.start || b.end - a.end);
  const open: Range[] = [];
  for (const range of ranges) {
    while (open.length > 0 && (open[open.length - 1] as Range).end <= range.start) open.pop();
    range.outer = open[open.length - 1] ?? null;
    open.push(range);
  }
}

/** Nested ranges that hold a place, innermost first. */
function enclosing(ranges: readonly Range[], at: number): Range[] {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Range).start <= at) low = middle + 1;
    else high = middle;
  }
  const out: Range[] = [];
  for (let range = ranges[low - 1] ?? null; range !== null; range = range.outer) if (range.end > at) out.push(range);
  return out;
}

function firstFrom(sorted: readonly number[], from: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rangeOf(I: Interpreter, file: string, node: t.Node): { start: number; end: number } | null {
  const code = I.loader.text(file);
  if (code === null || typeof node.start !== 'number' || typeof node.end !== 'number') return null;
  const shift = code.charCodeAt(0) === 0xfeff ? 1 : 0;
  return { start: node.start + shift, end: node.end + shift };
}

/** The name of a function, or of the variable or property that an anonymous one is assigned to. */
function nameOf(node: t.Node, code: string, start: number): { name: string | null; member: boolean } {
  if ('key' in node && node.key.type === 'Identifier') return { name: node.key.name, member: true };
  if ('key' in node && node.key.type === 'StringLiteral') return { name: node.key.value, member: true };
  if ('key' in node && node.key.type === 'PrivateName') return { name: node.key.id.name, member: true };
  if ('id' in node && node.id?.type === 'Identifier') return { name: node.id.name, member: false };
  const before = ASSIGNED.exec(code.slice(Math.max(0, start - 80), start));
  if (before === null) return { name: null, member: false };
  const [, dot, name, quote, sign] = before;
  return { name: name ?? null, member: dot !== undefined || quote !== '' || sign === ':' };
}

/** A name and what puts a function under it: `name =`, `.name =`, `'name':`, `name = wrap(`. */
const ASSIGNED = /(\.)?([\w$]+)(['"]?)\]?\s*(=|:|=\s*(?:[\w$.]+\()+)\s*$/;

/** What a function is called by what stands before it: `name: function`, `x.name = () =>`. */
export function nameBefore(code: string, start: number): string | null {
  return ASSIGNED.exec(code.slice(Math.max(0, start - 80), start))?.[2] ?? null;
}

function isCalled(code: string, at: number): boolean {
  let next = at;
  while (code.charCodeAt(next) <= 32) next++;
  return code.charCodeAt(next) === 40;
}
