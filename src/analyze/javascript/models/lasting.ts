import type { Interpreter } from '../interpreter/interpreter.js';
import type { Value } from '../interpreter/value.js';

const MAX_LASTING = 40;

/** Work that finds at the end what everything else has left for it. */
export function lasts(I: Interpreter, run: () => void): void {
  if (I.lasting.length < MAX_LASTING) I.lasting.push({ run, unasked: I.unasked, guards: I.guards });
}

/** Whether a value may be called. */
export function isCallable(value: Value): boolean {
  return value.kind === 'func' || value.kind === 'api' || value.kind === 'union';
}
