import type * as t from '@babel/types';
import type { Interpreter } from './interpreter.js';
import { hasTokensWithin, isInteresting, tokenPlaces } from './prefilter.js';
import { WordSet } from './words.js';

interface Range {
  start: number;
  end: number;
  name: string | null;
  /** The function around it. */
  outer: Range | null;
}

/** The functions of a file, and where its text mentions what is alive. */
interface FileFunctions {
  code: string;
  ranges: Range[];
  mentions: number[];
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
    if (this.acts(file, node)) return true;
    if (!this.followed) this.followAll();
    const range = rangeOf(this.I, file, node);
    if (range === null) return true;
    const mentions = this.files.get(file)?.mentions ?? [];
    return (mentions[firstFrom(mentions, range.start)] ?? Number.POSITIVE_INFINITY) < range.end;
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
        (code.length < SMALL_FILE && isInteresting(loader, file)) ||
        loader.obfuscation(file).length > 0;
      this.whole.set(file, known);
    }
    return known;
  }

  private followAll(): void {
    this.followed = true;
    for (const { node, file } of this.I.made) this.note(file, node);
    this.follow();
    for (const each of this.files.values()) each.mentions.sort((a, b) => a - b);
  }

  private note(file: string, node: t.Node): void {
    const range = rangeOf(this.I, file, node);
    if (range === null) return;
    let known = this.files.get(file);
    if (known === undefined) {
      const code = this.I.loader.text(file) ?? '';
      // What is read in parts has no function that is as its text has it.
      if (code.length > this.I.budget.fileBytes) return;
      known = { code, ranges: [], mentions: [] };
      this.files.set(file, known);
    }
    known.ranges.push({ ...range, name: nameOf(node) ?? nameBefore(known.code, range.start), outer: null });
  }

  /** From functions with tokens to those that mention them, until no more come. */
  private follow(): void {
    const names = new Set<string>();
    for (const { ranges } of this.files.values()) for (const { name } of ranges) if (name !== null) names.add(name);
    if (names.size > MANY_NAMES) return;
    const wanted = new WordSet(names);
    const places = new Map<string, { file: FileFunctions; at: number }[]>();
    const queue: string[] = [];
    const alive = new Set<Range>();
    const reach = (range: Range) => {
      if (alive.has(range)) return;
      alive.add(range);
      if (range.name !== null) queue.push(range.name);
    };
    for (const [path, file] of this.files) {
      nest(file.ranges);
      for (const { word, at } of wanted.placesIn(file.code)) {
        const list = places.get(word);
        if (list === undefined) places.set(word, [{ file, at }]);
        else list.push({ file, at });
      }
      if (!isInteresting(this.I.loader, path)) continue;
      const tokens = tokenPlaces(this.I.loader, path);
      const readers = new Set<Range>();
      for (const at of tokens) {
        const around = enclosing(file.ranges, at);
        for (const range of around) reach(range);
        const inner = around[0];
        if (inner !== undefined) readers.add(inner);
      }
      file.mentions.push(...fillings(file.code, readers));
      for (const at of file.mentions) for (const range of enclosing(file.ranges, at)) reach(range);
    }
    const done = new Set<string>();
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (done.has(name)) continue;
      done.add(name);
      for (const { file, at } of places.get(name) ?? []) {
        if (name.length <= SHORT && !isCalled(file.code, at + name.length)) continue;
        file.mentions.push(at);
        for (const range of enclosing(file.ranges, at)) reach(range);
      }
    }
  }
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

function nameOf(node: t.Node): string | null {
  if ('key' in node && node.key.type === 'Identifier') return node.key.name;
  if ('key' in node && node.key.type === 'StringLiteral') return node.key.value;
  return 'id' in node && node.id?.type === 'Identifier' ? node.id.name : null;
}

/** What a function is called in the text: by itself, or by what it is assigned to. */
export function functionName(code: string, node: t.Node): string | null {
  return nameOf(node) ?? (typeof node.start === 'number' ? nameBefore(code, node.start) : null);
}

/** The variable or property that an anonymous function is assigned to. */
function nameBefore(code: string, start: number): string | null {
  return /([\w$]+)['"]?\s*(?:=|:|=\s*(?:[\w$.]+\()+)\s*$/.exec(code.slice(Math.max(0, start - 80), start))?.[1] ?? null;
}

function isCalled(code: string, at: number): boolean {
  let next = at;
  while (code.charCodeAt(next) <= 32) next++;
  return code.charCodeAt(next) === 40;
}
