import type * as t from '@babel/types';
import { deepTaints } from '../taint/inner-taints.js';
import type { Frame, Interpreter } from './interpreter.js';
import { Api, prim, truth, type Value } from './value.js';

const ENTRY_MODULE = 'require.main';

/** Set where the package loads a file as if it were the program. */
export const MAIN_REPLACED = '@require.main';

/**
 * `require.main === module` and `import.meta.url === pathToFileURL(process.argv[1]).href`: whether the file is the program. A file
 * that somebody imports is not; null where the comparison is another, or the file may be started as well.
 */
export function programTest(
  I: Interpreter,
  operator: string,
  left: Value,
  right: Value,
  node: t.Node,
  frame: Frame,
): Value | null {
  if (!isLoaded(I, frame.file) || !isPair(I, left, right, frame.file)) return null;
  return prim(operator.startsWith('!'), I.source('mark.main', 'require.main', node, frame.file));
}

/** Whether a condition holds only where the file is started as a program, which importing it does not do. */
export function isForPrograms(I: Interpreter, test: Value, node: t.Node, frame: Frame): boolean {
  if (!isLoaded(I, frame.file)) return false;
  if (pathOf(test) === 'import.meta.main') return true;
  // What a module loads by `import` has no parent either.
  const isImported = I.entry.loaded === true;
  if (isImported && node.type === 'UnaryExpression' && /^!\s*module\.parent$/.test(I.loader.excerpt(frame.file, node)))
    return true;
  return truth(test) === false && (test.taints?.some((flow) => flow.source === 'mark.main') ?? false);
}

/** Whether a file only runs because another one loads it: by who imports the package, or by the programs of this run. */
function isLoaded(I: Interpreter, file: string): boolean {
  if (I.entry.loaded === true) return true;
  return I.programs.size > 0 && !I.globals.has(MAIN_REPLACED) && !I.programs.has(file.split('!', 1)[0] ?? file);
}

function isPair(I: Interpreter, left: Value, right: Value, file: string): boolean {
  const module = I.loader.loaded(I).get(file)?.module;
  if (pathOf(left) === ENTRY_MODULE) return right === module;
  if (pathOf(right) === ENTRY_MODULE) return left === module;
  const filename = `${I.loader.root}/${file}`;
  return (isThisFile(left, filename) && isStartedFile(right)) || (isThisFile(right, filename) && isStartedFile(left));
}

function pathOf(value: Value): string {
  return value instanceof Api ? value.path : '';
}

function isThisFile(value: Value, file: string): boolean {
  return value.kind === 'prim' && (value.value === file || value.value === `file://${file}`);
}

function isStartedFile(value: Value): boolean {
  return deepTaints(value)?.some((flow) => flow.source === 'argv') ?? false;
}
