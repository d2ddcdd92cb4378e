import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { binary } from '../interpreter/operators.js';
import {
  alternatives,
  constantNumber,
  join,
  joinAll,
  knownText,
  Obj,
  prim,
  tainted,
  truth,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { narrowElement } from '../taint/asked-names.js';
import { lookedUpBy } from '../taint/implicit-flows.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { each, type ListModel, seen } from './arrays.js';

/** An index argument as the language clamps it; null where it is not known. */
export function index(value: Value | undefined, length: number, otherwise: number): number | null {
  if (value === undefined || (value.kind === 'prim' && value.value === undefined)) return otherwise;
  if (value.kind !== 'prim') return null;
  const number = Math.trunc(Number(value.value)) || 0;
  return number < 0 ? Math.max(0, length + number) : Math.min(number, length);
}

/** find, some and every: asks a callback about each element. */
export const search =
  (test: (truthy: boolean) => boolean, found: (value: Value, at: number) => Value, none: Value): ListModel =>
  (I, call, list, elements) => {
    let out: Value | null = null;
    let why: Taints = null;
    for (const [at, element] of seen(list, elements).entries()) {
      const said = each(I, call, list, element, at);
      const answer = truth(said);
      why = joinTaints(why, lookedUpBy(said.taints));
      const value = element === list.rest ? narrowElement(I, call.args[0], element) : element;
      if (answer === null) out = out === null ? found(value, at) : join(out, found(value, at));
      else if (test(answer)) return out === null ? found(value, at) : join(out, found(value, at));
    }
    const all = out === null ? none : join(out, none);
    return all.kind === 'prim' || all.kind === 'unknown' || all.kind === 'union' ? tainted(all, why) : all;
  };

/** indexOf and lastIndexOf by identity. */
export const indexOf =
  (last: boolean): ListModel =>
  (_I, call, list, elements) => {
    const wanted = call.args[0] ?? UNDEFINED;
    if (list.rest !== null) return unknown(asked(wanted));
    const order = [...elements.keys()];
    for (const at of last ? order.reverse() : order) {
      const same = truth(binary('===', elements[at] as Value, wanted));
      if (same === true) return prim(at);
      if (same === null) return unknown(asked(wanted));
    }
    return prim(-1);
  };

/** What a question after a value says of whom or when it asks: guards are told by that. */
export function asked(wanted: Value): Taints {
  const left = wanted.taints?.filter(({ source }) => /^(?:mark\.|platform|identity\.host$)/.test(source)) ?? [];
  return left.length === 0 ? null : left;
}

/** Elements with nested arrays opened to a depth. */
export function flattened(elements: readonly Value[], depth: number): Value[] {
  const out: Value[] = [];
  for (const value of elements) {
    if (depth > 0 && out.length < 100_000)
      for (const each of alternatives(value))
        if (each instanceof Obj && each.elements !== null)
          out.push(
            ...flattened(each.rest === null ? each.elements : [...each.elements, each.rest], Math.min(depth, 20) - 1),
          );
        else out.push(each);
    else out.push(value);
  }
  return out;
}

/** Elements in order, by text or by the callback of the sample. */
export function sorted(I: Interpreter, call: Call, elements: Value[]): Value[] {
  const by = call.args[0];
  if (by === undefined) {
    if (!elements.every((value) => value.kind === 'prim')) return elements;
    return [...elements].sort((a, b) => {
      const [x, y] = [knownText(a) ?? '', knownText(b) ?? ''];
      return x < y ? -1 : x > y ? 1 : 0;
    });
  }
  if (elements.length > 2000) return elements;
  let isKnown = true;
  const isMixed = elements.length <= MOST_MIXED;
  const inOrder = [...elements].sort((a, b) => {
    if (!isKnown && isMixed) return 0;
    const order = constantNumber(callFunction(I, by, UNDEFINED, [a, b], call.node, call.frame));
    isKnown &&= order !== null;
    return order ?? 0;
  });
  return isKnown || !isMixed ? inOrder : elements.map(() => joinAll(elements));
}

/** Of so few elements in an order that is not known, each may be any. */
const MOST_MIXED = 8;
