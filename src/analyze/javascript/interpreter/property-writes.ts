import type * as t from '@babel/types';
import { messagesHeard } from '../models/channels.js';
import { scriptSource, styleAssigned } from '../models/dom.js';
import { loaderHooked } from '../modules/loader-hooks.js';
import { noteDefault } from '../outside/client-defaults.js';
import { codeHanded } from '../outside/handed-code.js';
import { monkeypatched } from '../outside/observe.js';
import { dependencyWritten, sourceWritten } from '../outside/package-sources.js';
import { pageWritten } from '../outside/page-disabled.js';
import { recipientReplaced, recipientWritten } from '../outside/recipients.js';
import { attributeSet } from '../outside/rendered-elements.js';
import { isRequest, written } from '../outside/request-hooks.js';
import { noteWrapped } from '../outside/wrapped-methods.js';
import { namedKey } from '../taint/generated-keys.js';
import { joinTaints } from '../taint/taint.js';
import { holds } from '../taint/taint-models.js';
import { callFunction } from './calls.js';
import { variableWritten } from './environment-writes.js';
import type { Frame, Interpreter } from './interpreter.js';
import { noteExtension } from './own-methods.js';
import { ARRAY_INDEX } from './properties.js';
import { partAssigned } from './url-parts.js';
import { Api, alternatives, Bytes, Func, join, Obj, Pattern, prim, UNDEFINED, unknown, type Value } from './value.js';

/** Writes a property. */
export function setByValue(I: Interpreter, target: Value, key: Value, value: Value, node: t.Node, frame: Frame): void {
  if (target.kind === 'union') {
    for (const each of alternatives(target)) I.maybe(() => setByValue(I, each, key, value, node, frame));
    return;
  }
  if (!(target instanceof Obj)) {
    if (key.kind === 'prim') {
      recipientWritten(I, target, String(key.value), value, node, frame);
      sourceWritten(I, String(key.value), value, node, frame);
      attributeSet(I, { node, frame }, 'element', String(key.value), value);
    }
    dependencyWritten(I, target.taints ?? key.taints, value, node, frame);
    noteWrapped(I, target, key.kind === 'prim' ? String(key.value) : null, value, node, frame);
    if (I.entry.phase === 'import') codeHanded(I, 'a tool', [value], node, frame);
    I.mayThrow++;
    return;
  }
  const name =
    key.kind === 'prim'
      ? String(key.value)
      : key instanceof Api && key.path.startsWith('Symbol.')
        ? `@@${key.path.slice(7)}`
        : null;
  if (name === null) {
    if (target instanceof Api) {
      const keys = key.kind === 'union' ? alternatives(key) : [key];
      if (keys.length <= MOST_KEYS && keys.every(({ kind }) => kind === 'prim')) {
        for (const each of keys) I.maybe(() => setByValue(I, target, each, value, node, frame));
        return;
      }
      monkeypatched(I, target, null, value, node, frame);
      noteWrapped(I, target, null, value, node, frame);
      return;
    }
    dependencyWritten(I, key.taints, value, node, frame);
    I.journals.rest(target);
    target.rest = target.rest === null ? value : join(target.rest, value);
    target.taints = joinTaints(target.taints, value.taints);
    return;
  }
  setProperty(I, target, name, value, node, frame);
}

/** Names, of which one is written, that are worth looking at one by one. */
const MOST_KEYS = 4;

const MAX_REPLACED = 400;

/** A function that others will call, with whatever they have, from now on. */
function noteReplaced(I: Interpreter, target: Api, key: string, value: Value): void {
  if (value.kind !== 'func' || I.replaced.size >= MAX_REPLACED || target.path.startsWith('?')) return;
  const path = target.path === 'global' ? key : `${target.path}.${key}`;
  // `$.fn` is where plugins add methods of their own.
  if (target.path.includes('()') || target.path === 'process.env' || target.path.endsWith('.fn')) return;
  if (target.ofModule || holds(I.models.monkeypatch, path)) I.replaced.set(path, value);
}

const LOADER = /^(?:module|require)\b/;

/** Writes a property whose key is known. */
export function setProperty(
  I: Interpreter,
  target: Obj,
  key: string,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  recipientWritten(I, target, key, value, node, frame);
  sourceWritten(I, key, value, node, frame);
  dependencyWritten(I, target.taints, value, node, frame);
  recipientReplaced(I, target, key, target.own(key) ?? target.rest ?? undefined, value, node, frame);
  if (target.elements !== null && target.cls === 'Array') {
    if (ARRAY_INDEX.test(key)) {
      I.journals.elements(target);
      const index = Number(key);
      if (index <= target.elements.length + 4096) {
        while (target.elements.length < index) target.elements.push(UNDEFINED);
        target.elements[index] = value;
      } else target.rest = target.rest === null ? value : join(target.rest, value);
      return;
    }
    if (key === 'length') {
      I.journals.elements(target);
      if (value.kind === 'prim' && typeof value.value === 'number' && value.value < target.elements.length) {
        target.elements = target.elements.slice(0, Math.max(0, value.value));
      }
      return;
    }
  }
  if (target instanceof Bytes && ARRAY_INDEX.test(key)) {
    writeByte(target, Number(key), value);
    return;
  }
  if (target instanceof Pattern && key === 'lastIndex' && value.kind === 'prim') target.lastIndex = Number(value.value);
  if (target instanceof Api) {
    monkeypatched(I, target, key, value, node, frame);
    noteReplaced(I, target, key, value);
    noteDefault(I, target, key, value);
    if (value.kind === 'func') noteExtension(I, target, key, value);
    if (target.path === 'process.env') variableWritten(I, key, value);
    noteWrapped(I, target, key, value, node, frame);
    if (I.entry.phase === 'import' && target.path.startsWith('?.')) codeHanded(I, 'a tool', [value], node, frame);
    apiAssigned(I, target, key, value, node, frame);
    if (LOADER.test(target.path)) loaderHooked(I, `${target.path}.${key}`, value, node, frame);
  }
  if (I.setTraps.size > 0) writeTrapped(I, target, key, value, node, frame);
  for (let at: Obj | null = target, depth = 0; at !== null && depth < 12; at = at.proto, depth++) {
    const slot = at.own(key);
    if (slot === undefined) continue;
    if (slot.kind === 'accessor') {
      if (slot.set !== null) callFunction(I, slot.set, target, [value], node, frame);
      return;
    }
    break;
  }
  if (key === '__proto__') {
    target.proto = value instanceof Obj ? value : null;
    return;
  }
  I.journals.property(target, key);
  target.props.set(key, value.taints === null ? value : namedKey(value, key));
  if (target.cls === 'URL') partAssigned(I, target, key, value);
  if (target instanceof Api && value.taints !== null) keepPart(target);
}

/** What is written on a part of an outside object (`element.dataset.x`) is found there again. */
function keepPart(target: Api): void {
  const { self, path } = target;
  if (!(self instanceof Api) || !self.path.includes('()') || path.endsWith('()')) return;
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (path === `${self.path}.${name}` && self.own(name) === undefined) self.props.set(name, target);
}

/** The trap of a proxy for what is written on it; what it writes itself passes by. */
function writeTrapped(I: Interpreter, target: Obj, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  const found = I.setTraps.get(target);
  if (found === undefined) return;
  I.setTraps.delete(target);
  try {
    callFunction(I, found.trap, UNDEFINED, [found.inner, prim(key), value, target], node, frame);
  } finally {
    I.setTraps.set(target, found);
  }
}

function writeByte(target: Bytes, index: number, value: Value): void {
  target.taints = joinTaints(target.taints, value.taints);
  if (value.kind === 'prim' && target.bytes !== null) {
    if (index < target.bytes.length) target.bytes[index] = Number(value.value);
  } else target.bytes = null;
}

/** Methods of the language's own objects. */
const LANGUAGE =
  /^(?:(?:Array|String|Object|Promise|Function|RegExp|Number|Map|Set|Date|Buffer)(?:\.prototype)?|JSON|Math|Reflect|Error)\.\w+$/;

/** Assignments to properties of the outside world that run code: `onmessage`, `img.src`, `process.env.X`. */
function apiAssigned(I: Interpreter, target: Api, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  if (/^on[a-z]+$/.test(key) && value.kind === 'func') {
    if (key === 'onmessage') messagesHeard(I, target, value, true, { node, frame });
    const known = I.models.events.get(`${target.path}|${key.slice(2)}`) ?? I.models.events.get(`${target.path}|*`);
    const source = known?.[0] ?? null;
    const taints = source === null ? target.taints : I.source(source, target.target ?? target.path, node, frame.file);
    I.later(() => callFunction(I, value, target, [unknown(taints)], node, frame));
    return;
  }
  if (isRequest(target) && target.target !== null) {
    written(I, { node, frame }, target.target, value);
    return;
  }
  const path = `${target.path}.${key}`;
  // From now on the language and everybody else call it.
  if (value instanceof Func && LANGUAGE.test(path))
    I.later(() => void callFunction(I, value, unknown(null), [unknown(null), unknown(null)], node, frame));
  if (target.path === 'global' && key === 'location')
    callFunction(I, apiAt('location.href', target), target, [value], node, frame);
  if (key === 'src') scriptSource(I, { node, frame }, target, value);
  styleAssigned(I, { node, frame }, path, key, value, target);
  pageWritten(I, { node, frame }, target.path, key, value);
  if (I.models.sinks.has(path)) callFunction(I, apiAt(path, target), target, [value], node, frame);
  else if (!path.startsWith('document.createElement()')) attributeSet(I, { node, frame }, target.path, key, value);
}

function apiAt(path: string, self: Api): Api {
  const api = new Api(path);
  api.self = self;
  api.target = self.target;
  return api;
}
