import { classesOf } from './builtin-methods.js';
import type { Interpreter } from './interpreter.js';
import type { Api, Slot, Value } from './value.js';

/** What a value of which nothing is known may be. */
const LIKELY = ['String', 'Array', 'Object'];
const PROTOTYPE = /^(Array|String|Number|Boolean|Object|Function|Promise|RegExp|Map|Set|Date|Buffer)\.prototype$/;
const MOST = 400;

/** Keeps what the sample puts on the prototype of one of the language's own classes. */
export function noteExtension(I: Interpreter, target: Api, key: string, slot: Slot): void {
  const cls = PROTOTYPE.exec(target.path)?.[1];
  if (cls !== undefined && I.extensions.size < MOST) I.extensions.set(`${cls}#${key}`, slot);
}

/** The method or accessor of the sample's own that a value has by its class under a name. */
export function extensionOf(I: Interpreter, value: Value, key: string): Slot | undefined {
  if (I.extensions.size === 0) return undefined;
  const classes = value.kind === 'unknown' ? LIKELY : classesOf(value);
  for (const cls of classes) {
    const found = I.extensions.get(`${cls}#${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
