import type * as t from '@babel/types';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { callFunction } from './calls.js';
import type { Frame, Interpreter } from './interpreter.js';
import { getProperty } from './properties.js';
import { Api, Func, Future, Native, Obj, UNDEFINED, unknown, type Value } from './value.js';

const DEEPEST = 3;
const MOST = 60;

/** Whatever the language reads of a value by itself to copy or to write it out: getters and `toJSON`, which run; gives what they carry. */
export function readOut(I: Interpreter, value: Value, node: t.Node | null, frame: Frame, depth = DEEPEST): Taints {
  if (!(value instanceof Obj) || value instanceof Api || value.kind !== 'obj' || depth === 0) return null;
  let taints: Taints = null;
  const toJson = value.own('toJSON') ?? value.proto?.own('toJSON');
  if (toJson instanceof Func) taints = deepTaints(callFunction(I, toJson, value, [], node, frame));
  for (const [key, slot] of value.bare ? [] : [...value.props].slice(0, MOST)) {
    const carried =
      slot.kind === 'accessor'
        ? deepTaints(getProperty(I, value, key, node, frame))
        : readOut(I, slot, node, frame, depth - 1);
    taints = joinTaints(taints, carried);
  }
  for (const each of (value.elements ?? []).slice(0, MOST))
    taints = joinTaints(taints, readOut(I, each, node, frame, depth - 1));
  return taints;
}

/** What waits for an object with a `then` calls it: the promise that it stands for. */
export function thenable(I: Interpreter, value: Value, node: t.Node | null, frame: Frame): Value {
  if (!(value instanceof Obj) || value.kind !== 'obj' || value instanceof Future) return value;
  let then = value.own('then');
  for (let at = value.proto, depth = 0; then === undefined && at !== null && depth < DEEPEST; at = at.proto, depth++)
    then = at.own('then');
  if (!(then instanceof Func)) return value;
  const future = new Future();
  const resolve = new Native((args) => {
    I.settle(future, args[0] ?? UNDEFINED);
    return UNDEFINED;
  });
  callFunction(I, then, value, [resolve, resolve], node, frame);
  return future;
}

const HANDLED_BY_MODEL: ReadonlySet<string> = new Set(['get', 'apply', 'construct']);

/** Traps of a proxy that whatever is done with it runs: `set`, `has`, `ownKeys`. */
export function trapsRun(I: Interpreter, target: Value, handler: Obj, node: t.Node | null, frame: Frame): void {
  for (const [name, trap] of handler.props) {
    if (!(trap instanceof Func) || HANDLED_BY_MODEL.has(name)) continue;
    const rest = unknown(target.taints);
    I.later(() => void callFunction(I, trap, handler, [target, rest, rest, target], node, frame));
  }
}

const STREAM = /^(?:stream|readable-stream)\.(?:Readable|Writable|Duplex|Transform|PassThrough)$/;
const STREAM_METHODS = ['_construct', '_read', '_write', '_writev', '_transform', '_flush', '_final'];
const ENDS: ReadonlySet<string> = new Set(['_construct', '_flush', '_final']);

/** Methods that a stream's machinery calls on an object of a class that extends one of Node's streams. */
export function streamMethodsRun(I: Interpreter, fn: Func, instance: Obj, node: t.Node | null, frame: Frame): void {
  let base: Value | null = fn.superClass;
  for (let depth = 0; base instanceof Func && depth < DEEPEST; depth++) base = base.superClass;
  if (!(base instanceof Api) || !STREAM.test(base.path)) return;
  for (const name of STREAM_METHODS) {
    const method = getProperty(I, instance, name, node, frame);
    if (!(method instanceof Func)) continue;
    const done = new Native(() => UNDEFINED);
    const args = ENDS.has(name) ? [done] : [unknown(null), unknown(null), done];
    I.later(() => void callFunction(I, method, instance, args, node, frame));
  }
}
