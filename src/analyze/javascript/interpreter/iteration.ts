import { deepTaints } from '../taint/inner-taints.js';
import { callFunction } from './calls.js';
import type { Frame, Interpreter } from './interpreter.js';
import { enumerated } from './literals.js';
import { getProperty } from './properties.js';
import { Api, Bytes, Func, Native, Obj, prim, Store, truth, unknown, type Value } from './value.js';

const MAX_ITEMS = 100_000;

/** The values that `for…of`, spread and Array.from see; one unknown value where the content is not known. */
export function iterate(I: Interpreter, value: Value, frame: Frame): Value[] {
  const items = itemsOf(I, value, frame);
  I.memory.charge(items.length);
  return items;
}

function itemsOf(I: Interpreter, value: Value, frame: Frame): Value[] {
  if (value.kind === 'prim') {
    return typeof value.value === 'string'
      ? [...value.value].slice(0, MAX_ITEMS).map((each) => prim(each, value.taints))
      : [];
  }
  if (value.kind === 'union') return value.alternatives.flatMap((each) => iterate(I, each, frame)).slice(0, 64);
  if (!(value instanceof Obj)) return [unknown(value.kind === 'unknown' ? deepTaints(value) : value.taints)];
  if (value instanceof Bytes) {
    return value.bytes === null
      ? [unknown(value.taints)]
      : [...value.bytes.slice(0, MAX_ITEMS)].map((each) => prim(each, value.taints));
  }
  if (value instanceof Store) {
    const out = [...value.entries.values()].map(([key, item]) => (value.cls === 'Set' ? item : I.array([key, item])));
    return value.rest === null
      ? out
      : [...out, value.cls === 'Set' ? value.rest : I.array([unknown(value.taints), value.rest])];
  }
  if (value.elements !== null) {
    const out = value.rest === null ? value.elements : [...value.elements, value.rest];
    return out.length === 0 && value.taints !== null ? [unknown(value.taints)] : out.slice(0, MAX_ITEMS);
  }
  if (value instanceof Api)
    return [value.path === 'process.env' ? enumerated(I, value, null, frame) : unknown(value.taints)];
  return ownIterator(I, value, frame) ?? [value.rest ?? unknown(value.taints)];
}

/** A list that is read by `next()`. */
export function asIterator(list: Obj): Obj {
  list.cls = 'Generator';
  return list;
}

/** Runs an iterator that the sample itself defines. */
function ownIterator(I: Interpreter, value: Obj, frame: Frame): Value[] | null {
  const maker = getProperty(I, value, '@@iterator', null, frame);
  const asyncMaker =
    maker instanceof Func || maker instanceof Native ? maker : getProperty(I, value, '@@asyncIterator', null, frame);
  if (!(asyncMaker instanceof Func || asyncMaker instanceof Native)) return null;
  const iterator = callFunction(I, asyncMaker, value, [], null, frame);
  if (iterator instanceof Obj && iterator.elements !== null) return iterator.elements;
  const out: Value[] = [];
  for (let rounds = 0; rounds < 1000; rounds++) {
    const next = getProperty(I, iterator, 'next', null, frame);
    if (!(next instanceof Func || next instanceof Native)) break;
    const result = callFunction(I, next, iterator, [], null, frame);
    const done = truth(getProperty(I, result, 'done', null, frame));
    if (done === true) break;
    out.push(getProperty(I, result, 'value', null, frame));
    if (done === null) break;
  }
  return out;
}

/** Own enumerable keys, or null where they are not known. */
export function keysOf(value: Value): string[] | null {
  if (value.kind === 'prim')
    return typeof value.value === 'string' ? [...value.value].map((_, index) => String(index)) : [];
  if (!(value instanceof Obj) || value instanceof Api || value instanceof Bytes) return null;
  const own = [...value.props.keys()].filter(
    (key) => !key.startsWith('@@') && !key.startsWith('#') && (value.kind !== 'func' || key !== 'prototype'),
  );
  const out = value.elements === null ? own : [...value.elements.keys()].map(String).concat(own);
  return value.rest !== null || (value.taints !== null && out.length === 0) ? (out.length > 0 ? out : null) : out;
}
