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

/** What is left to be written of a text, and which objects it is in. */
interface Writing {
  values: number;
  characters: number;
  within: Set<Value>;
}

const MOST_VALUES = 100_000;
const DEEPEST = 12;

/**
 * JSON text of a value, unknown parts as holes; undefined for what JSON leaves out. Objects that lead to one another make a text
 * that grows with each step, so after so many values or characters (`most`) the rest is a hole.
 */
export function toJson(value: Value, most: number = MAX_JSON): string | undefined {
  return write(value, 0, { values: MOST_VALUES, characters: most, within: new Set() });
}

function write(value: Value, depth: number, left: Writing): string | undefined {
  if (depth > DEEPEST || --left.values < 0 || left.characters < 0) return HOLE;
  if (value.kind === 'prim') {
    if (typeof value.value === 'bigint') return HOLE;
    return counted(JSON.stringify(value.value), left);
  }
  if (value.kind === 'text') return counted(JSON.stringify(value.text), left);
  if (value.kind === 'union') {
    const pick = value.alternatives.find((each) => each.kind === 'prim' && each.value !== undefined);
    return pick === undefined ? fullest(value.alternatives, depth, left) : write(pick, depth + 1, left);
  }
  if (!(value instanceof Obj) || value instanceof Api || value instanceof Future || value instanceof Bytes) return HOLE;
  if (value instanceof Func || value instanceof Native) return undefined;
  if (value instanceof Store) return '{}';
  // What holds itself has no JSON.
  if (left.within.has(value)) return HOLE;
  left.within.add(value);
  const shown = value.elements === null ? writeObject(value, depth, left) : writeList(value.elements, depth, left);
  left.within.delete(value);
  return shown;
}

function counted(text: string | undefined, left: Writing): string | undefined {
  left.characters -= text?.length ?? 0;
  return text;
}

function writeList(elements: readonly Value[], depth: number, left: Writing): string {
  return `[${elements
    .slice(0, 2000)
    .map((each) => write(each, depth + 1, left) ?? 'null')
    .join(',')}]`;
}

function writeObject(value: Obj, depth: number, left: Writing): string {
  const parts: string[] = [];
  for (const [key, slot] of value.props) {
    if (key.startsWith('@@') || slot.kind === 'accessor') continue;
    const shown = write(slot, depth + 1, left);
    if (shown !== undefined) parts.push(`${counted(JSON.stringify(key), left)}:${shown}`);
    if (parts.length > 2000) break;
  }
  if (value.rest !== null) parts.push(HOLE);
  return `{${parts.join(',')}}`;
}

/** Of several texts the one of which most is known. */
function fullest(alternatives: readonly Value[], depth: number, left: Writing): string {
  let [best, most] = [HOLE, 0];
  for (const each of alternatives) {
    const shown = write(each, depth + 1, left);
    const known = shown?.replaceAll(HOLE, '').length ?? 0;
    if (shown !== undefined && known > most) [best, most] = [shown, known];
  }
  return best;
}
