import type { Taints } from '../taint/taint.js';
import type { Interpreter } from './interpreter.js';
import { type Api, type Obj, prim, UNDEFINED, unknown, type Value } from './value.js';

/** Where clients keep the answer in the error that they throw for a status they do not like. */
const ANSWER = ['response', 'body', 'data', 'responseText', 'responseBody', 'cause', 'error', 'result'];

/** What is thrown where a request was made: an answer may come with it. */
export function failureOf(I: Interpreter, taints: Taints): Value {
  if (taints === null) return unknown(null);
  const error = I.object('Error');
  for (const name of ANSWER) error.props.set(name, unknown(taints));
  error.rest = unknown(null);
  return error;
}

/** The answers among taints. */
export function answersOf(taints: Taints): Taints {
  const found = (taints ?? []).filter((flow) => flow.source === 'net.response');
  return found.length === 0 ? null : found;
}

/** An instance of a class that extends one of the language's errors gets its message and its cause. */
export function errorMade(base: Api, error: Obj, args: readonly Value[]): void {
  if (!/^[A-Z]\w*Error$|^Error$/.test(base.path)) return;
  const [message, options] = args;
  error.props.set('message', message ?? prim(''));
  error.props.set('stack', unknown(message?.taints ?? null));
  const cause = options !== undefined && 'own' in options ? options.own('cause') : undefined;
  if (cause !== undefined) error.props.set('cause', cause.kind === 'accessor' ? UNDEFINED : cause);
}
