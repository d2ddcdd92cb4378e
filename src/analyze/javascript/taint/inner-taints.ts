import { Future, Obj, type Slot, Store, type Value } from '../interpreter/value.js';
import { joinTaints, MAX_FLOWS, type Taints } from './taint.js';

/** Numbers the walks through values: an object that carries the number of one was seen in it. */
let walks = 0;

/** All taints in a value, fields of objects included to a depth. */
export function deepTaints(value: Value, depth = 4): Taints {
  if (value instanceof Obj || value.kind === 'union') return taintsInside(value, depth, ++walks, null);
  return value.kind === 'unknown' && value.kept !== undefined ? joinTaints(value.taints, value.kept) : value.taints;
}

function taintsInside(value: Value, depth: number, walk: number, found: Taints): Taints {
  let taints = joinTaints(found, value.taints);
  if (isFull(taints)) return taints;
  if (value.kind === 'union') {
    const { alternatives } = value;
    for (let index = 0; index < alternatives.length && !isFull(taints); index++)
      taints = taintsInside(alternatives[index] as Value, depth, walk, taints);
  } else if (value.kind === 'unknown') {
    if (value.kept !== undefined) taints = joinTaints(taints, value.kept);
  } else if (value instanceof Obj && depth > 0 && value.walk !== walk) {
    value.walk = walk;
    taints = taintsOfParts(value, depth - 1, walk, taints);
  }
  return taints;
}

/** More flows than these are not kept: what else a value holds makes no difference. */
function isFull(taints: Taints): boolean {
  return taints !== null && taints.length >= MAX_FLOWS;
}

/** The taints of what an object holds: fields, elements, entries and their keys, a result, what stands for the rest; of many the first. */
function taintsOfParts(value: Obj, depth: number, walk: number, found: Taints): Taints {
  let taints = found;
  const add = (part: Slot) => {
    if (part.kind !== 'accessor' && !isFull(taints)) taints = taintsInside(part, depth, walk, taints);
  };
  if (!value.bare) eachOf(value.props, add);
  const { elements } = value;
  if (elements !== null)
    for (let index = 0; index < elements.length && index < MANY; index++) add(elements[index] as Value);
  if (value instanceof Store)
    eachOf(value.entries, ([key, item]) => {
      if (key.taints !== null) add(key);
      add(item);
    });
  if (value instanceof Future && value.result !== null) add(value.result);
  if (value.rest !== null) add(value.rest);
  return taints;
}

/** Hands on the first values of a map; `forEach` makes nothing for each of them, where `for…of` does. */
function eachOf<T>(map: ReadonlyMap<unknown, T>, take: (value: T) => void): void {
  if (map.size <= MANY) {
    map.forEach(take);
    return;
  }
  let left = MANY;
  for (const value of map.values()) {
    if (left-- <= 0) return;
    take(value);
  }
}

const MANY = 200;
