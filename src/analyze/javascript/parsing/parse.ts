import type { ParserOptions, ParserPlugin } from '@babel/parser';
import type * as t from '@babel/types';
import { parse } from './babel.js';

/** The ways in which a text can be read. */
export type Way = 'script' | 'module' | 'typescript' | 'flow';

/** Where a part of a file begins, counted as Babel does. */
export type Place = Required<Pick<ParserOptions, 'startLine' | 'startColumn' | 'startIndex'>>;

/** One parsed file. */
export interface Parsed {
  program: t.Program;
  /** How it was read in the end. */
  as: Way;
  /** Syntax errors that the parser stepped over. */
  errors: number;
}

/** Why no way of reading a text worked. */
export interface ParseFailure {
  reason: string;
  line: number;
}

/** The reason where the parser ran out of stack. */
export const NESTED_TOO_DEEPLY = 'nested too deeply';

const BASE: ParserOptions = {
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  allowUndeclaredExports: true,
  allowNewTargetOutsideFunction: true,
  attachComment: false,
  ranges: false,
  tokens: false,
};

const TYPESCRIPT = /\.[cm]?tsx?$/;
// Flow itself reads only files that say so; trying it on all broken text costs memory.
const FLOW_PRAGMA = /@flow\b/;
const MODULE = /\.m[jt]s$/;
const MODULE_SYNTAX = /(^|[;}\s])(import\s*[\w{*"']|export\s*[\w{*]|import\.meta)/;

/** Parses text as a script first, then as a module, then as TypeScript with JSX, then as Flow; a failure says where and why. */
export function parseText(source: string, file: string): Parsed | ParseFailure {
  const code = readable(source);
  let failure: ParseFailure = { reason: 'empty', line: 0 };
  let recovered: Parsed | null = null;
  for (const as of waysFor(code, file)) {
    const parsed = parseAs(code, as, file);
    if (!('program' in parsed)) failure = parsed;
    else if (parsed.errors === 0) return parsed;
    else if (recovered === null || parsed.errors < recovered.errors) recovered = parsed;
  }
  return recovered ?? failure;
}

/** Whether a text is JavaScript or TypeScript without an error. */
export function isJavaScript(text: string): boolean {
  const parsed = parseText(text, 'text.js');
  return 'program' in parsed && parsed.errors === 0;
}

/** Parses text in one way; a place is given where it is a part of a file. */
export function parseAs(code: string, as: Way, file: string, place: Place | null = null): Parsed | ParseFailure {
  const sourceType = as === 'script' ? 'script' : 'module';
  const plugins = pluginsFor(as, file);
  try {
    const tree = parse(code, { ...BASE, ...place, sourceType, strictMode: false, errorRecovery: true, plugins });
    const errors = tree.errors ?? [];
    // A part of a file does not show the class that its private names belong to.
    const own =
      place === null ? errors : errors.filter((error) => error.reasonCode !== 'InvalidPrivateFieldResolution');
    return { program: tree.program, as, errors: own.length };
  } catch (error) {
    return { reason: reasonOf(error), line: lineOf(error) };
  }
}

function pluginsFor(as: Way, file: string): ParserPlugin[] {
  const jsx: ParserPlugin[] = file.endsWith('ts') ? [] : ['jsx'];
  if (as === 'typescript') return ['typescript', 'decorators-legacy', ...jsx];
  return as === 'flow' ? ['flow', 'jsx'] : ['decorators-legacy', 'jsx'];
}

/** The ways that may fit a file, the likeliest first. */
export function waysFor(code: string, file: string): Way[] {
  if (TYPESCRIPT.test(file)) return ['typescript'];
  const flow: Way[] = FLOW_PRAGMA.test(code.slice(0, 2000)) ? ['flow'] : [];
  if (MODULE.test(file) || MODULE_SYNTAX.test(code)) return ['module', 'script', 'typescript', ...flow];
  return ['script', 'module', 'typescript', ...flow];
}

/** A text as the parser gets it: without a byte order mark, and with a comment for a line that names the interpreter. */
export function readable(source: string): string {
  let code = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  if (code.startsWith('#!')) code = `//${code.slice(2)}`;
  return code;
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return NESTED_TOO_DEEPLY;
  return error instanceof Error ? error.message.slice(0, 160) : 'unknown error';
}

function lineOf(error: unknown): number {
  const loc = (error as { loc?: { line?: unknown } } | null)?.loc;
  return typeof loc?.line === 'number' ? loc.line : 0;
}
