import type * as t from '@babel/types';
import { visitorKeys } from '../parsing/babel.js';
import {
  NESTED_TOO_DEEPLY,
  type Parsed,
  type ParseFailure,
  type Place,
  parseAs,
  readable,
  type Way,
  waysFor,
} from '../parsing/parse.js';
import { type FunctionBodies, functionBodies } from './function-bodies.js';

/**
 * Most functions of a bundle are never entered. Their bodies are put into comments before the parser sees the text, and parsed when the
 * interpreter enters them: the idea of the pre-parser of JavaScript engines (V8, "Blazingly fast parsing, part 2: lazy parsing").
 * A text that cannot be followed with certainty is parsed as a whole.
 */

/** Files below this length are parsed as a whole. */
const LEAST_FILE = 4_000;

/** Bodies below this length are parsed with what is around them. */
const LEAST_BODY = 300;

interface Source {
  code: string;
  file: string;
  /** How the file is read, then how else a body may be. */
  ways: Way[];
  bodies: FunctionBodies;
}

/** A body that was read after all. */
interface Read {
  block: t.BlockStatement;
  errors: number;
}

/** A function whose body stands in a comment. */
type Bodied = Extract<t.Node, { body: t.BlockStatement; params: unknown }> | t.ArrowFunctionExpression;

interface Pending {
  source: Source;
  fn: Bodied;
}

const pending = new WeakMap<t.Node, Pending>();

/** Parses a text without the bodies that only an entry needs; null where it has to be parsed as a whole. */
export function parseLazily(text: string, file: string): Parsed | null {
  if (text.length < LEAST_FILE) return null;
  const code = readable(text);
  const ways = waysFor(code, file);
  const as = ways[0];
  if (as !== 'script' && as !== 'module') return null;
  const bodies = functionBodies(code);
  if (bodies === null) return null;
  const source: Source = { code, file, ways, bodies };
  const left = leftOut(source, 0, code.length);
  if (left.length === 0) return null;
  const parsed = parseAs(blanked(source, 0, code.length, left), as, file);
  if (!('program' in parsed) || parsed.errors > 0) return null;
  return noted(source, parsed.program, left) ? parsed : null;
}

/** Parses the body of a function now if it was left out; gives the failure where no way of reading it works. @throws RangeError */
export function fillBody(body: t.BlockStatement): ParseFailure | null {
  const found = pending.get(body);
  if (found === undefined) return null;
  const { source, fn } = found;
  const [start, end] = [body.start as number, body.end as number];
  const left = leftOut(source, start + 1, end - 1);
  let failure: ParseFailure | null = null;
  let best: Read | null = null;
  for (const as of source.ways) {
    let read = readBody(blanked(source, start, end, left), fn, body, as, source.file);
    if ('block' in read && left.length > 0 && !noted(source, read.block, left))
      read = readBody(source.code.slice(start, end), fn, body, as, source.file);
    if ('block' in read) {
      if (best === null || read.errors < best.errors) best = read;
      if (read.errors === 0) break;
      continue;
    }
    // The parser stands on top of the interpreter's own calls: a limit of depth is one of those.
    if (read.reason === NESTED_TOO_DEEPLY) throw new RangeError(read.reason);
    failure ??= read;
  }
  pending.delete(body);
  if (best === null) return failure;
  body.body = best.block.body;
  body.directives = best.block.directives;
  return null;
}

/** Places of the outermost bodies between two offsets that are left out. */
function leftOut({ code, bodies }: Source, from: number, to: number): number[] {
  const { starts, ends } = bodies;
  const out: number[] = [];
  let behind = from;
  for (let index = firstFrom(starts, from); index < starts.length; index++) {
    const start = starts[index] as number;
    if (start >= to) break;
    const end = ends[index] as number;
    if (start < behind || end - start < LEAST_BODY) continue;
    if (inside(code, start, end) === null) continue;
    out.push(index);
    behind = end;
  }
  return out;
}

/** The place of the first number of a rising list that is not below a bound. */
function firstFrom(list: readonly number[], bound: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text between two offsets with some bodies in comments; everything else keeps its offset, line and column. */
function blanked({ code, bodies }: Source, from: number, to: number, left: readonly number[]): string {
  const parts: string[] = [];
  let at = from;
  for (const index of left) {
    const [start, end] = [bodies.starts[index] as number, bodies.ends[index] as number];
    const [first, last] = inside(code, start, end) as [number, number];
    const text = code.slice(first + 2, last - 1);
    parts.push(code.slice(at, first), '/*', text.includes('*/') ? text.replaceAll('*/', '  ') : text, '*/');
    at = last + 1;
  }
  parts.push(code.slice(at, to));
  return parts.join('');
}

/** The first and the last character of a body; null where marks of a comment would take the place of the end of a line. */
function inside(code: string, start: number, end: number): [number, number] | null {
  let first = start + 1;
  while (isSpace(code, first)) first++;
  let last = end - 2;
  while (isSpace(code, last)) last--;
  return last - first < 8 || endsLine(code, first + 1) || endsLine(code, last - 1) ? null : [first, last];
}

function endsLine(code: string, at: number): boolean {
  const char = code.charCodeAt(at);
  return char === 10 || char === 13;
}

function isSpace(code: string, at: number): boolean {
  const char = code.charCodeAt(at);
  return char === 32 || (char >= 9 && char <= 13);
}

/** Parses a body as that of a function of the same kind, in its place of the file. */
function readBody(text: string, fn: Bodied, body: t.BlockStatement, as: Way, file: string): Read | ParseFailure {
  const arrow = fn.type === 'ArrowFunctionExpression';
  const head = `${fn.async ? 'async ' : ''}${arrow ? '_=>' : fn.generator ? 'function*_()' : 'function _()'}`;
  const begin = (body.loc as t.SourceLocation).start;
  const place: Place = {
    startLine: begin.line,
    startColumn: begin.column - head.length,
    startIndex: (body.start as number) - head.length,
  };
  const parsed = parseAs(head + text, as, file, place);
  if (!('program' in parsed)) return parsed;
  const statement = parsed.program.body[0];
  const made = statement?.type === 'ExpressionStatement' ? statement.expression : statement;
  const inner = made !== undefined && isBodied(made) ? (made.body as t.BlockStatement) : null;
  return inner !== null && inner.end === body.end && parsed.program.body.length === 1
    ? { block: inner, errors: parsed.errors }
    : { reason: 'the body of a function ends early', line: begin.line };
}

/** Keeps what was left out of a tree; false where one of these places is no empty body of a function. */
function noted(source: Source, root: t.Node, left: readonly number[]): boolean {
  const starts = left.map((index) => source.bodies.starts[index] as number);
  const found: Bodied[] = [];
  const stack: t.Node[] = [root];
  while (stack.length > 0) {
    const node = stack.pop() as t.Node;
    const next = firstFrom(starts, node.start ?? 0);
    if ((starts[next] ?? Number.POSITIVE_INFINITY) >= (node.end ?? 0)) continue;
    if (isBodied(node)) {
      const body = node.body as t.BlockStatement;
      const at = firstFrom(starts, body.start as number);
      if (starts[at] === body.start && body.end === source.bodies.ends[left[at] as number]) {
        if (body.body.length > 0 || body.directives.length > 0) return false;
        found.push(node);
      }
    }
    for (const key of visitorKeys(node.type)) {
      const child = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key];
      if (Array.isArray(child)) {
        for (const each of child) if (each) stack.push(each);
      } else if (child) stack.push(child);
    }
  }
  if (found.length !== left.length) return false;
  for (const fn of found) pending.set(fn.body, { source, fn });
  return true;
}

function isBodied(node: t.Node): node is Bodied {
  return 'params' in node && 'body' in node && (node.body as t.Node | null)?.type === 'BlockStatement';
}
