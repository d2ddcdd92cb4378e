import type { Interpreter } from './interpreter.js';
import { Api, type Func, type Value } from './value.js';

const LONGEST_HELPER = 1_500;

/**
 * `__importStar(require('x'))`, `_interopRequireDefault`, `__toESM`: helpers of compilers that copy a module into an object. An outside module
 * goes through them as it is, `default` of it is the module itself.
 */
export function throughInterop(I: Interpreter, fn: Func, args: readonly Value[]): Value | null {
  const module = args[0];
  if (!(module instanceof Api) || args.length > 3 || module.path.includes('(')) return null;
  const text = I.loader.excerptWhole(fn.file, fn.node);
  return text !== null && text.length < LONGEST_HELPER && /\b__esModule\b/.test(text) ? module : null;
}
