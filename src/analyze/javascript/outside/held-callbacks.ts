import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, alternatives, Func, Obj, type Value } from '../interpreter/value.js';
import type { Taints } from '../taint/taint.js';
import type { Held } from '../taint/taint-models.js';
import { type Call, parameter } from './api-calls.js';

const DEEPEST = 3;
const MOST = 40;

/** Calls the functions that stand in a list or in fields of what a call is given, where a table says that they run: tasks, `{ start, pull }`, `{ next }`. */
export function heldCallbacks(I: Interpreter, call: Call, row: Held, target: string | null, taints: Taints): void {
  const holder = call.args[row.at];
  if (holder === undefined) return;
  const functions = new Set<Func>();
  collect(holder, row.names, functions, DEEPEST);
  for (const fn of functions) {
    const params = row.params.map((param) => parameter(I, call, param, target, taints));
    I.later(() => void callFunction(I, fn, holder, params, call.node, call.frame));
  }
}

function collect(value: Value, names: RegExp | null, into: Set<Func>, depth: number): void {
  for (const each of alternatives(value)) {
    if (!(each instanceof Obj) || each instanceof Api || each.kind !== 'obj' || depth === 0) continue;
    for (const item of (each.elements ?? []).slice(0, MOST)) take('', item, names, into, depth);
    for (const [key, slot] of each.bare ? [] : [...each.props].slice(0, MOST))
      if (slot.kind !== 'accessor') take(key, slot, names, into, depth);
  }
}

function take(key: string, value: Value, names: RegExp | null, into: Set<Func>, depth: number): void {
  if (value instanceof Func) {
    if (names === null || names.test(key)) into.add(value);
  } else collect(value, names, into, depth - 1);
}
