import type * as t from '@babel/types';
import { ledByKey } from '../outside/addresses-led.js';
import { ofValues } from '../taint/environment-names.js';
import { ofNamedField } from '../taint/handed-fields.js';
import { lookedUpBy, recordOf } from '../taint/implicit-flows.js';
import { joinTaints, lengthOf } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { classesOf, method } from './builtin-methods.js';
import { callFunction } from './calls.js';
import { type Frame, type Interpreter, Thrown } from './interpreter.js';
import { extensionOf } from './own-methods.js';
import { withQuery } from './pairs.js';
import {
  Api,
  Bytes,
  Func,
  HOLE,
  isOpenList,
  join,
  knownText,
  Obj,
  Pattern,
  prim,
  type Slot,
  Store,
  TrapApi,
  tainted,
  UNDEFINED,
  unknown,
  type Value,
} from './value.js';
import { apiProperty, environmentLike } from './world.js';

/** Keys that are array indices. */
export const ARRAY_INDEX = /^(0|[1-9]\d{0,7})$/;

/** Reads a property whose key is known. */
export function getProperty(I: Interpreter, target: Value, key: string, node: t.Node | null, frame: Frame): Value {
  switch (target.kind) {
    case 'union': {
      let out: Value | null = null;
      for (const each of target.alternatives) {
        if (each.kind === 'prim' && (each.value === undefined || each.value === null)) continue;
        const value = getProperty(I, each, key, node, frame);
        out = out === null ? value : join(out, value);
      }
      return out ?? unknown(target.taints);
    }
    case 'unknown':
      I.mayThrow++;
      return ofExtension(I, target, key, node, frame) ?? unknownProperty(I, target, key, node, frame);
    case 'prim':
    case 'text':
      return ofPrimitive(I, target, key, node, frame);
    case 'api':
      return ofApi(I, target as Api, key, node, frame);
    default:
      return ofObject(I, target as Obj, key, node, frame);
  }
}

function unknownProperty(I: Interpreter, target: Value, key: string, node: t.Node | null, frame: Frame): Value {
  if (key === 'length' || key === 'size') return unknown(lengthOf(target.taints));
  const api = new Api(`?.${key}`);
  api.self = target;
  api.taints = ofNamedField(I, target, target.taints, key, node, frame);
  return api;
}

/** What the sample itself put on the prototype of the value's class. */
function ofExtension(I: Interpreter, target: Value, key: string, node: t.Node | null, frame: Frame): Value | undefined {
  const slot = extensionOf(I, target, key);
  return slot === undefined ? undefined : read(I, slot, target, node, frame);
}

function ofPrimitive(
  I: Interpreter,
  target: Value & { kind: 'prim' | 'text' },
  key: string,
  node: t.Node | null,
  frame: Frame,
): Value {
  if (target.kind === 'prim' && typeof target.value === 'string') {
    if (key === 'length') return prim(target.value.length, target.taints);
    if (ARRAY_INDEX.test(key)) {
      const index = Number(key);
      return index < target.value.length ? prim(target.value[index], target.taints) : UNDEFINED;
    }
  } else if (target.kind === 'text' && (key === 'length' || ARRAY_INDEX.test(key))) {
    return unknown(target.taints);
  }
  const classes = classesOf(target);
  if (classes.length === 0) {
    I.mayThrow++;
    return unknown(target.taints);
  }
  return method(classes, target, key) ?? ofExtension(I, target, key, node, frame) ?? UNDEFINED;
}

function ofObject(I: Interpreter, target: Obj, key: string, node: t.Node | null, frame: Frame): Value {
  if (target.elements !== null) {
    if (key === 'length') return isOpenList(target) ? unknown(target.taints) : prim(target.elements.length);
    if (ARRAY_INDEX.test(key)) {
      const found = target.elements[Number(key)];
      if (found !== undefined) return target.rest === null ? found : join(found, target.rest);
      if (target.rest !== null) return target.rest;
      return target.taints === null ? UNDEFINED : unknown(target.taints);
    }
  }
  if (target instanceof Bytes) {
    if (key === 'length' || key === 'byteLength') {
      return target.bytes === null ? unknown(target.taints) : prim(target.bytes.length, target.taints);
    }
    if (ARRAY_INDEX.test(key)) {
      return target.bytes === null ? unknown(target.taints) : prim(target.bytes[Number(key)], target.taints);
    }
    if (key === 'buffer') return target;
  }
  if (target instanceof Pattern) {
    if (key === 'source') return prim(target.source);
    if (key === 'flags') return prim(target.flags);
    if (key === 'lastIndex') return prim(target.lastIndex);
  }
  if (target instanceof Store && key === 'size')
    return target.rest === null ? prim(target.entries.size) : unknown(target.taints);
  let depth = 0;
  for (let at: Obj | null = target; at !== null && depth < 12; at = at.proto, depth++) {
    const slot = at.own(key);
    if (slot !== undefined) {
      const value = withRest(I, target, read(I, slot, target, node, frame), key, node, frame);
      return target.cls === 'URL' && (key === 'href' || key === 'search') ? withQuery(target, key, value) : value;
    }
    if (at instanceof Api) return ofApi(I, at === target ? at : instanceSide(at), key, node, frame);
  }
  if (target instanceof Func) {
    if (key === 'prototype') return prototypeOf(I, target);
    if (key === 'name') return prim(nameOf(target));
    if (key === 'length') return prim('params' in target.node ? target.node.params.length : 0);
    if (target.superClass instanceof Api) return apiProperty(I, target.superClass, key, node, frame);
  }
  if (key === '__proto__') return target.proto ?? new Api('Object.prototype');
  const builtin = method(classesOf(target), target, key);
  if (builtin !== null) return builtin;
  const extension = ofExtension(I, target, key, node, frame);
  if (extension !== undefined) return extension;
  if (target.rest === null && target.taints === null) return UNDEFINED;
  const taints = ofNamedField(I, target, target.taints, key, node, frame);
  return target.rest === null ? unknown(taints) : tainted(fieldOf(I, target.rest, key, node, frame), taints);
}

/** What instances of an outside class have, for those of the sample whose prototype was made from its. */
function instanceSide(api: Api): Api {
  if (!/^(?:events|stream\.[A-Z]\w+|net\.\w+|http\.\w+|tls\.\w+)\.prototype$/.test(api.path)) return api;
  return new Api(`${api.path.slice(0, -10)}()`);
}

function withRest(I: Interpreter, target: Obj, value: Value, key: string, node: t.Node | null, frame: Frame): Value {
  if (target.rest === null) return value;
  return join(value, fieldOf(I, target.rest, key, node, frame));
}

/** What stands for the fields of an object that are not known, under the name of one of them. */
export function fieldOf(I: Interpreter, rest: Value, key: string, node: t.Node | null, frame: Frame): Value {
  if (rest.kind === 'union') return rest.alternatives.map((each) => fieldOf(I, each, key, node, frame)).reduce(join);
  if (rest.kind !== 'unknown' || rest.taints === null) return rest;
  return unknown(ofNamedField(I, rest, rest.taints, key, node, frame));
}

/** The value of a slot: accessors are entered. */
function read(I: Interpreter, slot: Slot, self: Value, node: t.Node | null, frame: Frame): Value {
  if (slot.kind !== 'accessor') return slot;
  if (slot.get === null) return UNDEFINED;
  return callFunction(I, slot.get, self, [], node, frame);
}

/** The `prototype` object of a function, made when first asked for. */
export function prototypeOf(I: Interpreter, fn: Func): Obj {
  const known = fn.props.get('prototype');
  if (known instanceof Obj) return known;
  const prototype = I.object();
  prototype.props.set('constructor', fn);
  fn.props.set('prototype', prototype);
  return prototype;
}

function nameOf(fn: Func): string {
  const node = fn.node;
  if ('id' in node && node.id) return node.id.name;
  if ('key' in node && node.key.type === 'Identifier') return node.key.name;
  return '';
}

function ofApi(I: Interpreter, target: Api, key: string, node: t.Node | null, frame: Frame): Value {
  if (target instanceof TrapApi) return target.trap(key);
  const slot = target.own(key);
  if (slot !== undefined) return read(I, slot, target, node, frame);
  return apiProperty(I, target, key, node, frame);
}

/** Reads a property whose key is a value. */
export function getByValue(I: Interpreter, target: Value, key: Value, node: t.Node, frame: Frame): Value {
  if (key.kind === 'prim') return getProperty(I, target, String(key.value), node, frame);
  if (key instanceof Api && key.path.startsWith('Symbol.'))
    return getProperty(I, target, `@@${key.path.slice(7)}`, node, frame);
  if (key.kind === 'union') {
    let out: Value | null = null;
    for (const each of key.alternatives) {
      const value = ledByKey(I, getByValue(I, target, each, node, frame), each, node, frame);
      out = out === null ? value : join(out, value);
    }
    return out as Value;
  }
  if (key instanceof Obj && key.kind === 'obj') {
    const shown = knownText(binaryText(key));
    if (shown !== null && !shown.includes('\uFFFC')) return getProperty(I, target, shown, node, frame);
  }
  return anyProperty(I, target, key, node, frame);
}

function binaryText(key: Obj): Value {
  if (key.cls === 'Array' && key.elements !== null) {
    return prim(
      key.elements
        .map((each) =>
          each.kind === 'prim' && (each.value === null || each.value === undefined)
            ? ''
            : (knownText(each) ?? '\uFFFC'),
        )
        .join(','),
    );
  }
  return unknown(null);
}

/** Where a process keeps its variables. */
const ENVIRONMENT = /(?:^|\.)env$/;

/** A word of a name that is put together: `ACME_TOKEN_${account}`, `${service}_API_KEY`. */
const PART_OF_NAME = /^[A-Z][A-Z0-9]{2,}_|_[A-Z0-9]{3,}$/i;

/** What an unknown key of an object may give. */
function anyProperty(I: Interpreter, target: Value, key: Value, node: t.Node, frame: Frame): Value {
  const taints = joinTaints(target.taints, key.taints);
  if (target.kind === 'union') {
    return target.alternatives.map((each) => anyProperty(I, each, key, node, frame)).reduce(join);
  }
  if (target instanceof Api) {
    const isVariable = target.path === 'process.env' && key.kind === 'text' && PART_OF_NAME.test(key.text);
    const value = isVariable
      ? environmentLike(I, target, key.text, node, frame)
      : apiProperty(I, target, null, node, frame);
    return value instanceof Obj
      ? value
      : tainted(value, ENVIRONMENT.test(target.path) ? ofValues(key.taints) : key.taints);
  }
  if (!(target instanceof Obj)) return unknown(taints);
  let out: Value = unknown(taints);
  let count = 0;
  const members: Value[] = target.elements ?? [];
  const own = [...target.props.values()].filter((slot): slot is Value => slot.kind !== 'accessor');
  for (const value of [...members.slice(0, 200), ...own]) {
    if (value instanceof Obj || value.taints !== null) {
      if (count++ < 24) out = join(out, recordOf(key.taints, value));
    }
  }
  for (const method of methodsLike(target, key)) if (count++ < 24) out = join(out, method);
  if (target.rest !== null) out = join(out, target.rest);
  const known = members.length + own.length <= 6 ? [...members, ...own] : [];
  // `seen[key]` of flags is not known to be set because all that are there are.
  if (known.some((value) => value.kind === 'prim' && typeof value.value === 'boolean')) return out;
  const texts = known.filter((value) => value.kind === 'prim');
  if (texts.length === 0 || count > 0) return out;
  const asked = lookedUpBy(key.taints);
  return [...texts, ...(target.rest === null ? [] : [target.rest]), UNDEFINED]
    .map((value) => tainted(recordOf(key.taints, value), asked))
    .reduce(join);
}

/** Methods of its class that a name put together may mean: `this['do_' + message.type]`. */
function methodsLike(target: Obj, key: Value): Func[] {
  const parts = key.kind === 'text' ? key.text.split(HOLE) : [];
  const [head = '', tail = ''] = [parts[0], parts.at(-1)];
  if (parts.length < 2 || head.length + tail.length < 2) return [];
  const found: Func[] = [];
  for (let at = target.proto, depth = 0; at !== null && at.kind === 'obj' && depth < 4; at = at.proto, depth++) {
    for (const [name, slot] of at.props)
      if (slot instanceof Func && name.startsWith(head) && name.endsWith(tail)) found.push(slot);
  }
  return found;
}

/** Throws a TypeError of the sample. */
export function throwTypeError(I: Interpreter, message: string): never {
  const error = I.object('Error');
  error.props.set('message', prim(message));
  error.props.set('name', prim('TypeError'));
  throw new Thrown(error);
}

/** The taint source of an environment variable. */
export function envSource(I: Interpreter, name: string): { source: string; kind: string | null } {
  const found = matchSource(I.models.env, name.toUpperCase());
  return found === null ? { source: 'env.named', kind: null } : { source: found.source, kind: found.kind };
}
