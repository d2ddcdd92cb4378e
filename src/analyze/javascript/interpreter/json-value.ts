import type { Taints } from '../taint/taint.js';
import type { Interpreter } from './interpreter.js';
import { Api, Bytes, Func, Future, HOLE, Native, Obj, prim, Store, unknown, type Value } from './value.js';

const MAX_JSON = 4_000_000;

/** The value of a JSON text, or null where it is not JSON. */
export function fromJson(I: Interpreter, code: string, taints: Taints = null): Value | null {
  if (code.length > MAX_JSON) return null;
  try {
    return fromPlain(I, JSON.parse(code.charCodeAt(0) === 0xfeff ? code.slice(1) : code), taints, 0);
  } catch {
    return null;
  }
}

/** A value of ours for plain data. */
export function fromPlain(I: Interpreter, data: unknown, taints: Taints, depth: number): Value {
  if (depth > 60) return unknown(taints);
  if (Array.isArray(data)) {
    const list = I.array(data.map((each) => fromPlain(I, each, taints, depth + 1)));
    list.taints = taints;
    return list;
  }
  if (typeof data === 'object' && data !== null) {
    const object = I.object();
    object.taints = taints;
    for (const [key, each] of Object.entries(data)) object.props.set(key, fromPlain(I, each, taints, depth + 1));
    return object;
  }
  return prim(data as string | number | boolean | null, taints);
}

/** JSON text of a value, unknown parts as holes; undefined for what JSON leaves out. */
export function toJson(value: Value, depth = 0): string | undefined {
  if (depth > 12) return HOLE;
  if (value.kind === 'prim') {
    if (typeof value.value === 'bigint') return HOLE;
    return JSON.stringify(value.value);
  }
  if (value.kind === 'text') return JSON.stringify(value.text);
  if (value.kind === 'union') {
    const pick = value.alternatives.find((each) => each.kind === 'prim' && each.value !== undefined);
    return pick === undefined ? fullest(value.alternatives, depth) : toJson(pick, depth + 1);
  }
  if (!(value instanceof Obj) || value instanceof Api || value instanceof Future || value instanceof Bytes) return HOLE;
  if (value instanceof Func || value instanceof Native) return undefined;
  if (value instanceof Store) return '{}';
  if (value.elements !== null)
    return `[${value.elements
      .slice(0, 2000)
      .map((each) => toJson(each, depth + 1) ?? 'null')
      .join(',')}]`;
  const parts: string[] = [];
  for (const [key, slot] of value.props) {
    if (key.startsWith('@@') || slot.kind === 'accessor') continue;
    const shown = toJson(slot, depth + 1);
    if (shown !== undefined) parts.push(`${JSON.stringify(key)}:${shown}`);
    if (parts.length > 2000) break;
  }
  if (value.rest !== null) parts.push(HOLE);
  return `{${parts.join(',')}}`;
}

/** Of several texts the one of which most is known. */
function fullest(alternatives: readonly Value[], depth: number): string {
  let [best, most] = [HOLE, 0];
  for (const each of alternatives) {
    const shown = toJson(each, depth + 1);
    const known = shown?.replaceAll(HOLE, '').length ?? 0;
    if (shown !== undefined && known > most) [best, most] = [shown, known];
  }
  return best;
}
