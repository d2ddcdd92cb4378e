import type * as t from '@babel/types';
import { parse } from '../parsing/babel.js';
import type { Parsed } from '../parsing/parse.js';

/**
 * Reads a file that is too large to be parsed as a whole: a light scan finds the blocks around every place that names
 * something outside, and only those are parsed. Size is no way past the scanner, and no reason to take minutes.
 */

const CANDIDATE =
  /\bchild_process\b|\beval\s*\(|\bnew\s+Function\b|[^.\w]Function\s*\(\s*["'`]|\.constructor\s*\(\s*["'`]|\b_compile\b|["'`](?:node:)?(?:https?|http2|net|tls|dgram|dns|vm)["'`]|\bfetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\bsendBeacon\b|\bprocess\.(?:binding|dlopen)|process\.env\s*[),;\]}]|\.npmrc|\.ssh\/|id_rsa|\.aws\/|\bhomedir\b|\buserInfo\b|(?:write|append)FileSync|\bethereum\b|document\.cookie|_0x[0-9a-f]{4,}|fromCharCode|\batob\s*\(|["'`]base64["'`]|globalThis\s*\[|while\s*\(\s*(?:true|!!\[\])\s*\)\s*\{\s*\}/g;

const WINDOW = 40_000;
const MAX_TOTAL = 900_000;
const MAX_CANDIDATES = 6000;

interface Block {
  start: number;
  end: number;
}

interface Place {
  at: number;
  /** Enclosing blocks, innermost first. */
  blocks: Block[];
}

/** The blocks around what matters, as one program; code in functions stands in functions of its own. */
export function narrowed(code: string): Parsed {
  const places = placesOf(code);
  const windows = new Map<number, Block & { asked: boolean }>();
  for (const place of places) {
    const window = windowOf(code, place);
    if (window !== null && !covered(windows, window)) windows.set(window.start, window);
  }
  const lines = lineStarts(code);
  const body: t.Statement[] = [];
  let total = 0;
  for (const window of ordered(windows)) {
    if (total > MAX_TOTAL) break;
    total += window.end - window.start;
    const statements = parsedWindow(code, window, lines);
    if (statements === null) continue;
    if (window.asked) body.push(asFunction(statements, window));
    else body.push(...statements);
  }
  return {
    program: { type: 'Program', body, directives: [], sourceType: 'script', interpreter: null } as unknown as t.Program,
    as: 'script',
    errors: 0,
  };
}

/** Code that runs by itself comes first, then small windows: a payload is small. */
function ordered(windows: ReadonlyMap<number, Block & { asked: boolean }>): (Block & { asked: boolean })[] {
  return [...windows.values()].sort((a, b) => Number(a.asked) - Number(b.asked) || a.end - a.start - (b.end - b.start));
}

function covered(windows: ReadonlyMap<number, Block>, window: Block): boolean {
  for (const known of windows.values()) if (known.start <= window.start && known.end >= window.end) return true;
  return false;
}

function placesOf(code: string): Place[] {
  const hits: number[] = [];
  for (const match of code.matchAll(CANDIDATE)) {
    const last = hits[hits.length - 1];
    if (last !== undefined && match.index - last < 40) continue;
    hits.push(match.index);
    if (hits.length >= MAX_CANDIDATES) break;
  }
  return enclosing(code, hits);
}

const REGEX_MAY_FOLLOW =
  /[=(,;:!&|?{}[+\-*%~^<>]$|\b(?:return|typeof|case|in|of|void|delete|do|else|yield|await|throw|new)$/;

/** One pass over the text that knows strings, templates, comments and regular expressions well enough to pair braces. */
function enclosing(code: string, hits: readonly number[]): Place[] {
  const places: Place[] = [];
  const open: { start: number; end: number; hits: Place[] }[] = [];
  const templates: number[] = [];
  let next = 0;
  const note = (upTo: number) => {
    while (next < hits.length && (hits[next] as number) < upTo) {
      const place: Place = { at: hits[next] as number, blocks: [] };
      places.push(place);
      open[open.length - 1]?.hits.push(place);
      next++;
    }
  };
  for (let at = 0; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 34 || char === 39) at = endOfString(code, at, char);
    else if (char === 96) at = endOfTemplate(code, at + 1, templates, open.length);
    else if (char === 47) {
      const following = code.charCodeAt(at + 1);
      if (following === 47) at = orEnd(code.indexOf('\n', at), code);
      else if (following === 42) at = orEnd(code.indexOf('*/', at + 2), code) + 1;
      else if (REGEX_MAY_FOLLOW.test(code.slice(Math.max(0, at - 12), at).trimEnd()) || at === 0)
        at = endOfRegex(code, at);
    } else if (char === 123) {
      note(at);
      open.push({ start: at, end: -1, hits: [] });
    } else if (char === 125) {
      note(at);
      if (templates.length > 0 && templates[templates.length - 1] === open.length) {
        templates.pop();
        at = endOfTemplate(code, at + 1, templates, open.length);
        continue;
      }
      const block = open.pop();
      if (block === undefined) continue;
      for (const place of block.hits) place.blocks.push({ start: block.start, end: at + 1 });
      open[open.length - 1]?.hits.push(...block.hits);
    }
  }
  note(code.length + 1);
  return places;
}

function orEnd(index: number, code: string): number {
  return index < 0 ? code.length : index;
}

function endOfString(code: string, from: number, quote: number): number {
  for (let at = from + 1; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 92) at++;
    else if (char === quote || char === 10) return at;
  }
  return code.length;
}

function endOfTemplate(code: string, from: number, templates: number[], depth: number): number {
  for (let at = from; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 92) at++;
    else if (char === 96) return at;
    else if (char === 36 && code.charCodeAt(at + 1) === 123) {
      templates.push(depth);
      return at + 1;
    }
  }
  return code.length;
}

function endOfRegex(code: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 92) at++;
    else if (char === 91) inClass = true;
    else if (char === 93) inClass = false;
    else if (char === 10) return from;
    else if (char === 47 && !inClass) return at;
  }
  return from;
}

/** Heads of blocks that run when the file does: conditions, IIFEs, modules of bundlers. */
const RUNS_BY_ITSELF =
  /(?:[=(,:[?&|]|\breturn|\btry|\belse|\bdo|\bfinally|;|^|\}|\bif\s*\([^{}]*\)|\bfor\s*\([^{}]*\)|[(!~+]\s*(?:async\s*)?function\s*\w*\s*\([^)]*\)|\(\s*(?:async\s*)?(?:\([^)]*\)|\w+)\s*=>|(?:\d+|["'][^"']*["'])\s*(?::\s*(?:function\s*\w*\s*)?)?\([^)]*\)\s*(?:=>)?|\d+\s*:\s*\w+\s*=>)\s*$/;

function windowOf(code: string, place: Place): (Block & { asked: boolean }) | null {
  const heads = place.blocks.map((block) => code.slice(Math.max(0, block.start - 120), block.start));
  const fits = place.blocks.filter((block) => block.end - block.start <= WINDOW);
  const chosen = fits[fits.length - 1];
  if (chosen === undefined) {
    // At the top of the file, or in a block that is itself large: the statements around the place.
    const outer = place.blocks[0];
    const start = Math.max(outer === undefined ? 0 : outer.start + 1, statementStart(code, place.at));
    const end = Math.min(outer === undefined ? code.length : outer.end - 1, statementEnd(code, place.at));
    return { start, end, asked: !heads.every((head) => RUNS_BY_ITSELF.test(head)) };
  }
  const outside = place.blocks.slice(place.blocks.indexOf(chosen));
  const asked = !outside.every((block) => RUNS_BY_ITSELF.test(code.slice(Math.max(0, block.start - 120), block.start)));
  return { ...chosen, asked };
}

function statementStart(code: string, at: number): number {
  const line = code.lastIndexOf('\n', at);
  const from = at - line > 20_000 ? code.lastIndexOf(';', at) : code.lastIndexOf(';\n', at);
  return Math.max(from, line - 2000, at - 20_000, -1) + 1;
}

function statementEnd(code: string, at: number): number {
  const line = code.indexOf('\n', at);
  const end = line < 0 || line - at > 20_000 ? code.indexOf(';', at) + 1 : line;
  return end <= 0 ? Math.min(code.length, at + 20_000) : end;
}

function lineStarts(code: string): number[] {
  const out = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) out.push(at + 1);
  return out;
}

function lineOf(lines: readonly number[], at: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function parsedWindow(code: string, window: Block, lines: readonly number[]): t.Statement[] | null {
  const line = lineOf(lines, window.start);
  const text = code.slice(window.start, window.end);
  for (const [prefix, suffix] of [
    ['', ''],
    ['(class', ')'],
    ['(', ')'],
  ] as const) {
    try {
      const column = window.start - (lines[line] as number) - prefix.length;
      const tree = parse(prefix + text + suffix, {
        sourceType: 'script',
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowSuperOutsideMethod: true,
        allowNewTargetOutsideFunction: true,
        errorRecovery: true,
        attachComment: false,
        startLine: line + 1,
        startColumn: Math.max(1, column),
        startIndex: Math.max(1, window.start - prefix.length),
      });
      return tree.program.body;
    } catch {
      // A block that is a class body or an object literal is tried as such next.
    }
  }
  return null;
}

function asFunction(statements: t.Statement[], window: Block): t.Statement {
  const first = statements[0];
  const loc = first?.loc ?? null;
  const place = { start: window.start, end: window.end, loc };
  return {
    type: 'FunctionDeclaration',
    id: { type: 'Identifier', name: `window@${window.start}`, ...place },
    params: [],
    body: { type: 'BlockStatement', body: statements, directives: [], ...place },
    generator: false,
    async: false,
    ...place,
  } as unknown as t.Statement;
}

const BUNDLED_BUILTIN =
  /(?:^|[,{\s])(\d+|"[^"]{1,60}")\s*:\s*(?:function\s*\(\s*\w+[^)]*\)|\(?\s*\w+[^()]*\)?\s*=>)\s*\{\s*(?:"use strict";\s*)?\w+\.exports\s*=\s*require\(\s*["']([\w:/@.-]+)["']\s*\)/g;

/** What every such module has; the head before it is looked at only there. */
const BUNDLED_ANCHOR = /\.exports\s*=\s*require\(/g;
const LONGEST_HEAD = 600;
const LONGEST_TAIL = 200;

/** Ids under which a bundler's module map keeps modules of the world: `n(9896)` is `fs`. */
export function bundledModules(code: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const anchor of code.matchAll(BUNDLED_ANCHOR)) {
    const from = Math.max(0, anchor.index - LONGEST_HEAD);
    for (const match of code.slice(from, anchor.index + LONGEST_TAIL).matchAll(BUNDLED_BUILTIN)) {
      // At a cut in the text an id may have lost its first digits.
      if (match.index > 0 || from === 0) out.set((match[1] as string).replaceAll('"', ''), match[2] as string);
    }
  }
  return out;
}
