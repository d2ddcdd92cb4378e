import type { ParserOptions, ParserPlugin } from '@babel/parser';
import type * as t from '@babel/types';
import { parse } from './babel.js';

/** One parsed file. */
export interface Parsed {
  program: t.Program;
  /** How it was read in the end. */
  as: 'script' | 'module' | 'typescript' | 'flow';
  /** Syntax errors that the parser stepped over. */
  errors: number;
}

/** Why no way of reading a text worked. */
export interface ParseFailure {
  reason: string;
  line: number;
}

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
  const code = withoutPreamble(source);
  const ways = waysFor(code, file);
  let failure: ParseFailure = { reason: 'empty', line: 0 };
  let recovered: Parsed | null = null;
  for (const as of ways) {
    const plugins = pluginsFor(as, file);
    try {
      const sourceType = as === 'script' ? 'script' : 'module';
      const tree = parse(code, { ...BASE, sourceType, strictMode: false, errorRecovery: true, plugins });
      const errors = tree.errors?.length ?? 0;
      if (errors === 0) return { program: tree.program, as, errors };
      if (recovered === null || errors < recovered.errors) recovered = { program: tree.program, as, errors };
    } catch (error) {
      failure = { reason: reasonOf(error), line: lineOf(error) };
    }
  }
  return recovered ?? failure;
}

function pluginsFor(as: Parsed['as'], file: string): ParserPlugin[] {
  const jsx: ParserPlugin[] = file.endsWith('ts') ? [] : ['jsx'];
  if (as === 'typescript') return ['typescript', 'decorators-legacy', ...jsx];
  return as === 'flow' ? ['flow', 'jsx'] : ['decorators-legacy', 'jsx'];
}

function waysFor(code: string, file: string): Parsed['as'][] {
  if (TYPESCRIPT.test(file)) return ['typescript'];
  const flow: Parsed['as'][] = FLOW_PRAGMA.test(code.slice(0, 2000)) ? ['flow'] : [];
  if (MODULE.test(file) || MODULE_SYNTAX.test(code)) return ['module', 'script', 'typescript', ...flow];
  return ['script', 'module', 'typescript', ...flow];
}

function withoutPreamble(source: string): string {
  let code = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  if (code.startsWith('#!')) code = `//${code.slice(2)}`;
  return code;
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply';
  return error instanceof Error ? error.message.slice(0, 160) : 'unknown error';
}

function lineOf(error: unknown): number {
  const loc = (error as { loc?: { line?: unknown } } | null)?.loc;
  return typeof loc?.line === 'number' ? loc.line : 0;
}
