import { posix } from 'node:path';
import { factAt } from '../fact.js';
import { lineOfField } from '../manifest/index.js';
import type { EntryPoint, Fact } from '../observation.js';
import type { FileTask, ScanContext } from '../task.js';
import { resolveFile } from './resolve-file.js';

const MAX_PATTERN_FILES = 2_000;
/** What Node or a bundler would run of the files that a pattern stands for. */
const RUNNABLE = /\.(?:[cm]?jsx?|node)$/;
/** Tests of the package's own, which a pattern takes along and nobody imports; what loads them is followed there. */
const OWN_TEST = /(?:^|\/)__(?:tests|mocks)__\/|\.(?:test|spec)\.[cm]?jsx?$/;

/** The same behind a pattern for the whole package. */
const IN_TESTS = /^(?:tests?|fixtures|bench(?:marks?)?)\//;

/** Files that run when somebody imports the package: main, module, browser, every condition and pattern of exports and imports, and the index fallback. */
export function moduleEntries(context: ScanContext): { tasks: FileTask[]; facts: Fact[] } {
  const { manifest, root } = context;
  const tasks: FileTask[] = [];
  const facts: Fact[] = [];
  const add = (request: string, via: string, required: boolean): void => {
    const path = resolveFile(context, root, request);
    const entry: EntryPoint = { phase: 'import', file: path ?? request, via, loaded: true };
    if (path !== null) {
      if (!/\.(?:d\.[cm]?ts|json|css|scss|less|map|md|html|txt|svg|png|wasm|ya?ml|node\.map)$/.test(path))
        tasks.push({ kind: 'file', path, entry });
    } else if (required) {
      const line = lineOfField(manifest.text, [via.replace(/[["].*$/, '')]);
      facts.push(
        factAt('unresolved-entry.import', `${via} names ${request}, which is not in the package`, {
          file: manifest.path,
          line,
          entry,
        }),
      );
    }
  };
  if (manifest.main !== undefined && manifest.main !== '') add(manifest.main, 'main', true);
  else if (!isBinOnly(context)) add('./', 'index', false);
  // Where main does not resolve, Node falls back to index.
  if (tasks.length === 0 && !isBinOnly(context)) add('./index', 'index', false);
  for (const field of [
    'module',
    'jsnext:main',
    'es2015',
    'esnext',
    'react-native',
    'unpkg',
    'jsdelivr',
    'svelte',
    'style',
  ]) {
    const value = manifest.raw[field];
    if (typeof value === 'string' && field !== 'style') add(value, field, false);
  }
  if (typeof manifest.browser === 'string') add(manifest.browser, 'browser', false);
  else
    for (const [key, value] of pairs(manifest.browser))
      if (typeof value === 'string') add(value, `browser["${key}"]`, false);
  for (const field of ['exports', 'imports'] as const) {
    for (const { path, target } of targets(manifest[field], field)) {
      for (const file of expand(context, target)) add(file, path, false);
    }
  }
  return { tasks: unique(tasks), facts };
}

function pairs(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function targets(value: unknown, path: string, depth = 0): { path: string; target: string }[] {
  if (typeof value === 'string') return value.startsWith('.') ? [{ path, target: value }] : [];
  if (depth > 12) return [];
  return pairs(value)
    .filter(([key]) => key !== 'types' && key !== 'typings')
    .flatMap(([key, inner]) => targets(inner, /^\d+$/.test(key) ? path : `${path}["${key}"]`, depth + 1));
}

function expand(context: ScanContext, target: string): string[] {
  if (!target.includes('*')) return [target];
  const [head = '', tail = ''] = posix
    .normalize(posix.join(context.root === '' ? '.' : context.root, target))
    .split('*');
  const found: string[] = [];
  for (const path of context.files.files.keys()) {
    if (
      RUNNABLE.test(path) &&
      !OWN_TEST.test(path) &&
      path.startsWith(head) &&
      !IN_TESTS.test(path.slice(head.length)) &&
      path.endsWith(tail) &&
      path.length >= head.length + tail.length &&
      !path.slice(context.root.length).startsWith('node_modules/')
    ) {
      found.push(context.root === '' ? `./${path}` : `./${path.slice(context.root.length + 1)}`);
      if (found.length >= MAX_PATTERN_FILES) break;
    }
  }
  return found;
}

function unique(tasks: FileTask[]): FileTask[] {
  const seen = new Set<string>();
  return tasks.filter((task) => !seen.has(task.path) && seen.add(task.path) !== undefined);
}

/** Without main, an index that is the command's own file is a program, not a module. */
function isBinOnly({ manifest, root, ...context }: ScanContext): boolean {
  const targets =
    typeof manifest.bin === 'string'
      ? [manifest.bin]
      : pairs(manifest.bin).flatMap(([, target]) => (typeof target === 'string' ? [target] : []));
  const index = resolveFile({ manifest, root, ...context }, root, './index');
  return (
    index !== null && targets.some((target) => resolveFile({ manifest, root, ...context }, root, target) === index)
  );
}
