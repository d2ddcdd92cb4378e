import { callFunction } from '../interpreter/calls.js';
import { RETURNED } from '../interpreter/functions.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { asIterator, iterate } from '../interpreter/iteration.js';
import { toPrimitive } from '../interpreter/literals.js';
import { objectText } from '../interpreter/operators.js';
import {
  Api,
  alternatives,
  Bytes,
  constantNumber,
  FALSE,
  HOLE,
  isOpenList,
  isUnknown,
  join,
  joinAll,
  knownText,
  leaveOpen,
  Obj,
  prim,
  TRUE,
  text,
  truth,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { narrowElement } from '../taint/asked-names.js';
import { deepTaints } from '../taint/inner-taints.js';
import { keptByOwnPrefix } from '../taint/own-settings.js';
import { keptBySecretName } from '../taint/secret-names.js';
import { joinTaints } from '../taint/taint.js';
import { flattened, index, indexOf, search, sorted } from './array-searching.js';

/** A model of an array method, given the array and its elements. */
export type ListModel = (I: Interpreter, call: Call, list: Obj, elements: Value[]) => Value;

/** Methods that touch the ends of an array only; all others walk it, which is charged as an eighth of copying it. */
const ENDS_ONLY = /#(push|pop|shift|unshift|at|next)$/;

/** Runs a model on arrays with known elements; on anything else the callbacks see one unknown element. */
function onList(model: ListModel): Model {
  return (I, call) => {
    let self = call.self;
    if (self.kind === 'union')
      self = self.alternatives.find((each) => each instanceof Obj && each.elements !== null) ?? self;
    if (self instanceof Obj && !(self instanceof Api)) {
      if (self.elements !== null) {
        if (self.elements.length > 64 && !ENDS_ONLY.test(call.path)) I.memory.chargeBytes(self.elements.length);
        return model(I, call, self, self.elements);
      }
      if (self instanceof Bytes) {
        if (self.bytes === null || self.bytes.length > 200_000) return overUnknown(I, call, self);
        return model(
          I,
          call,
          self,
          [...self.bytes].map((each) => prim(each, self.taints)),
        );
      }
      if (self.props.has('length')) return model(I, call, self, arrayLike(self));
    }
    if (self.kind === 'prim' && typeof self.value === 'string')
      return model(I, call, I.object(), iterate(I, self, call.frame));
    return overUnknown(I, call, self);
  };
}

function arrayLike(self: Obj): Value[] {
  const length = self.props.get('length');
  const count = length?.kind === 'prim' ? Math.min(Number(length.value) || 0, 10_000) : 0;
  return Array.from({ length: count }, (_, index) => {
    const slot = self.props.get(String(index));
    return slot === undefined || slot.kind === 'accessor' ? UNDEFINED : slot;
  });
}

/** A path from outside is followed over a table of functions: two steps from any of them is what makes functions of texts. */
function pathOverFunctions(I: Interpreter, call: Call, element: Value, value: Value): void {
  if (element.taints?.some(({ source }) => source === 'net.response') !== true) return;
  if (call.args[0]?.kind !== 'func' || !alternatives(value).some((each) => each.kind === 'func')) return;
  const detail = 'a path from the network is followed over functions';
  const line = call.node?.loc?.start.line ?? 1;
  I.fact('path-over-functions', detail, call.frame.file, line, [I.at(call.node, call.frame.file, 'sink', detail)]);
}

function overUnknown(I: Interpreter, call: Call, self: Value): Value {
  const taints = joinTaints(deepTaints(self, 2), argumentTaints(call.args));
  const element = unknown(taints);
  const fn = call.args[0];
  let out: Value = unknown(taints);
  if (fn !== undefined && (fn.kind === 'func' || fn.kind === 'union' || fn.kind === 'api')) {
    const reducing = call.path.includes('reduce');
    const way = I.branch(() =>
      callFunction(
        I,
        fn,
        call.args[1] ?? UNDEFINED,
        reducing ? [call.args[1] ?? element, element, unknown(null), self] : [element, unknown(null), self],
        call.node,
        call.frame,
      ),
    );
    I.journals.mergeRound(way.changes);
    if (way.result !== null) {
      if (/#(map|flatMap)$/.test(call.path)) {
        const list = I.array([]);
        list.rest = way.result;
        list.taints = joinTaints(taints, way.result.taints);
        return list;
      }
      if (reducing) {
        pathOverFunctions(I, call, element, way.result);
        out = join(tainted(way.result, taints), call.args[1] ?? way.result);
      }
    }
  }
  if (/#(slice|filter|concat|sort|reverse|flat)$/.test(call.path) && self instanceof Obj) return self;
  if (call.path.endsWith('#push') || call.path.endsWith('#unshift')) return unknown(null);
  return out;
}

function tainted(value: Value, taints: Value['taints']): Value {
  return value instanceof Obj || taints === null ? value : { ...value, taints: joinTaints(value.taints, taints) };
}

function copy(I: Interpreter, list: Obj, elements: Value[]): Obj {
  const made = I.array(elements);
  made.rest = list.rest;
  made.taints = list.taints;
  return list.rest === null && isOpenList(list) ? leaveOpen(made) : made;
}

/** Calls the callback of an array method on one element. */
export function each(I: Interpreter, call: Call, list: Obj, value: Value, index: number): Value {
  return callFunction(
    I,
    call.args[0] ?? UNDEFINED,
    call.args[1] ?? UNDEFINED,
    [value, prim(index), list],
    call.node,
    call.frame,
  );
}

/** Elements with what stands for the unknown ones. */
export function seen(list: Obj, elements: Value[]): Value[] {
  return list.rest === null ? elements : [...elements, list.rest];
}

/** What an element writes itself out as, where it is an object that says so. */
function writtenOut(I: Interpreter, each: Value, { node, frame }: Call): Value {
  const isPlain = each.kind !== 'union' && (each.kind !== 'obj' || each.elements !== null);
  return isPlain || node === null ? each : toPrimitive(I, each, node, frame);
}

const join_: ListModel = (I, call, list, elements) => {
  const by =
    call.args[0] === undefined || (call.args[0].kind === 'prim' && call.args[0].value === undefined)
      ? ','
      : (knownText(call.args[0]) ?? objectText(call.args[0]) ?? HOLE);
  let taints = joinTaints(list.taints, call.args[0]?.taints ?? null);
  let decoded = elements.length > 1;
  const parts = seen(list, elements).map((each) => {
    const value = writtenOut(I, each, call);
    taints = joinTaints(taints, value.taints);
    if (value.kind === 'prim') {
      decoded ||= value.decoded;
      return value.value === null || value.value === undefined ? '' : String(value.value);
    }
    taints = joinTaints(taints, deepTaints(value, 2));
    return value.kind === 'union' ? (knownText(value) ?? HOLE) : (objectText(value) ?? HOLE);
  });
  const whole = parts.join(by);
  I.memory.chargeBytes(whole.length);
  if (whole.length > 8_000_000) return unknown(taints);
  return whole.includes(HOLE)
    ? text(whole.replace(/\uFFFC{2,}/g, HOLE), taints, decoded)
    : prim(whole, taints, decoded && whole.length > 2);
};

const reduce =
  (fromRight: boolean): ListModel =>
  (I, call, list, elements) => {
    const items = fromRight ? [...seen(list, elements)].reverse() : seen(list, elements);
    let at = 0;
    let value = call.args[1];
    if (value === undefined) {
      value = items[0] ?? UNDEFINED;
      at = 1;
    }
    for (; at < items.length; at++)
      value = callFunction(
        I,
        call.args[0] ?? UNDEFINED,
        UNDEFINED,
        [value, items[at] as Value, prim(fromRight ? items.length - 1 - at : at), list],
        call.node,
        call.frame,
      );
    return value;
  };

const splice: ListModel = (I, call, list, elements) => {
  I.journals.elements(list);
  const start = index(call.args[0], elements.length, 0);
  if (start === null) {
    for (const value of call.args.slice(2)) elements.push(value);
    return copy(I, list, elements);
  }
  const count = call.args.length < 2 ? elements.length - start : (constantNumber(call.args[1]) ?? 0);
  I.memory.charge(elements.length);
  const next = [...elements];
  const removed = next.splice(start, Math.max(0, count), ...call.args.slice(2));
  list.elements = next;
  return I.array(removed);
};

const LIST_MODELS: Record<string, ListModel> = {
  push: (I, call, list, elements) => {
    I.journals.elements(list);
    (list.elements ?? elements).push(...call.args);
    return prim((list.elements ?? elements).length);
  },
  pop: (I, _call, list) => {
    I.journals.elements(list);
    return list.elements?.pop() ?? list.rest ?? UNDEFINED;
  },
  shift: (I, _call, list) => {
    I.journals.elements(list);
    return list.elements?.shift() ?? list.rest ?? UNDEFINED;
  },
  unshift: (I, call, list) => {
    I.journals.elements(list);
    return prim(list.elements?.unshift(...call.args) ?? 0);
  },
  splice,
  slice: (I, call, list, elements) => {
    const [from, to] = [index(call.args[0], elements.length, 0), index(call.args[1], elements.length, elements.length)];
    return copy(I, list, from === null || to === null ? elements : elements.slice(from, to));
  },
  subarray: (I, call, list, elements) => LIST_MODELS['slice']!(I, call, list, elements),
  concat: (I, call, list, elements) => {
    const made = copy(I, list, [...elements]);
    for (const value of call.args) {
      for (const way of alternatives(value)) {
        if (way instanceof Obj && way.elements !== null) {
          I.memory.charge(way.elements.length);
          for (const each of way.elements) made.elements?.push(each);
        } else made.elements?.push(way);
        if (way instanceof Obj && way.rest !== null)
          made.rest = made.rest === null ? way.rest : join(made.rest, way.rest);
      }
    }
    return made;
  },
  join: join_,
  toString: join_,
  reverse: (I, _call, list, elements) => {
    I.journals.elements(list);
    if (list.elements !== null) list.elements = [...elements].reverse();
    return list.elements === null ? I.array([...elements].reverse()) : list;
  },
  toReversed: (I, _call, list, elements) => copy(I, list, [...elements].reverse()),
  sort: (I, call, list, elements) => {
    I.journals.elements(list);
    if (list.elements !== null) list.elements = sorted(I, call, elements);
    return list;
  },
  toSorted: (I, call, list, elements) => copy(I, list, sorted(I, call, elements)),
  map: (I, call, list, elements) => {
    const made = I.array(elements.map((value, at) => each(I, call, list, value, at)));
    if (list.rest !== null) made.rest = each(I, call, list, list.rest, 0);
    return made;
  },
  flatMap: (I, call, list, elements) => {
    const made = I.array([]);
    for (const [at, value] of seen(list, elements).entries()) {
      const result = flattened([each(I, call, list, value, at)], 1);
      I.memory.charge(result.length);
      for (const each of result) made.elements?.push(each);
    }
    return made;
  },
  forEach: (I, call, list, elements) => {
    for (const [at, value] of seen(list, elements).entries()) each(I, call, list, value, at);
    return UNDEFINED;
  },
  filter: (I, call, list, elements) => {
    const answers = elements.map((value, at) => truth(each(I, call, list, value, at)));
    const kept = copy(
      I,
      list,
      elements.filter((_, at) => answers[at] !== false).map((each) => keptBySecretName(I, call, each)),
    );
    const made = answers.includes(null) ? leaveOpen(kept) : kept;
    if (list.rest !== null) {
      made.rest = keptByOwnPrefix(I, call, keptBySecretName(I, call, narrowElement(I, call.args[0], list.rest)));
      each(I, call, list, list.rest, 0);
    }
    return made;
  },
  find: search(
    (answer) => answer,
    (value) => value,
    UNDEFINED,
  ),
  findLast: search(
    (answer) => answer,
    (value) => value,
    UNDEFINED,
  ),
  findIndex: search(
    (answer) => answer,
    (_value, at) => prim(at),
    prim(-1),
  ),
  some: search(
    (answer) => answer,
    () => TRUE,
    FALSE,
  ),
  every: search(
    (answer) => !answer,
    () => FALSE,
    TRUE,
  ),
  reduce: reduce(false),
  reduceRight: reduce(true),
  indexOf: indexOf(false),
  lastIndexOf: indexOf(true),
  includes: (I, call, list, elements) => {
    const at = indexOf(false)(I, call, list, elements);
    return at.kind === 'prim' ? prim(at.value !== -1) : unknown(at.taints);
  },
  at: (_I, call, list, elements) => {
    const number = constantNumber(call.args[0]);
    return number === null ? joinAll(elements.slice(0, 8)) : (elements.at(number) ?? list.rest ?? UNDEFINED);
  },
  fill: (I, call, list, elements) => {
    I.journals.elements(list);
    const [from, to] = [
      index(call.args[1], elements.length, 0) ?? 0,
      index(call.args[2], elements.length, elements.length) ?? elements.length,
    ];
    if (list.elements !== null)
      list.elements = elements.map((value, at) => (at >= from && at < to ? (call.args[0] ?? UNDEFINED) : value));
    return list;
  },
  flat: (I, call, list, elements) => copy(I, list, flattened(elements, constantNumber(call.args[0]) ?? 1)),
  keys: (I, _call, _list, elements) => asIterator(I.array([...elements.keys()].map((at) => prim(at)))),
  values: (I, _call, list, elements) => asIterator(copy(I, list, [...elements])),
  '@@iterator': (I, _call, list, elements) => asIterator(copy(I, list, [...elements])),
  entries: (I, _call, _list, elements) => asIterator(I.array(elements.map((value, at) => I.array([prim(at), value])))),
};

const makeArray: Model = (I, call) => {
  const count = constantNumber(call.args[0]);
  if (call.args.length === 1 && count !== null)
    return I.array(Array.from({ length: Math.min(Math.max(0, count), 200_000) }, () => UNDEFINED));
  return I.array([...call.args]);
};

const from: Model = (I, call) => {
  const [source, fn] = call.args;
  if (source === undefined) return I.array([]);
  if (source instanceof Obj && source.kind === 'obj' && source.elements === null && fn !== undefined) {
    const length = source.own('length');
    if (length !== undefined && length.kind !== 'accessor' && length.kind !== 'prim') {
      // As many as is not known: what it makes of one stands for all.
      const open = I.array([]);
      open.rest = callFunction(I, fn, UNDEFINED, [UNDEFINED, unknown(length.taints)], call.node, call.frame);
      return open;
    }
  }
  const items =
    source instanceof Obj && source.kind === 'obj' && source.elements === null && source.props.has('length')
      ? arrayLike(source)
      : iterate(I, source, call.frame);
  const list = I.array(
    fn === undefined
      ? [...items]
      : items.map((value, at) => callFunction(I, fn, UNDEFINED, [value, prim(at)], call.node, call.frame)),
  );
  if (isUnknown(source)) {
    list.taints = source.taints;
    list.rest = list.elements?.[0] ?? null;
    list.elements = [];
  }
  return list;
};

/** Models of Array and its prototype. */
export const ARRAYS: [string, Model][] = [
  ...Object.entries(LIST_MODELS).map(([name, model]): [string, Model] => [`Array#${name}`, onList(model)]),
  ['Array', makeArray],
  ['Array.of', (I, call) => I.array([...call.args])],
  ['Array.from', from],
  ['Generator#toArray', onList((I, _call, list, elements) => copy(I, list, [...elements]))],
  [
    'Array.isArray',
    (_I, call) => {
      const value = call.args[0] ?? UNDEFINED;
      if (value.kind === 'unknown' || value.kind === 'api' || value.kind === 'union') return unknown(null);
      return prim(value instanceof Obj && value.cls === 'Array');
    },
  ],
  [
    'Generator#next',
    (I, call) => {
      const result = I.object();
      const list = call.self instanceof Obj ? call.self.elements : null;
      const rest = call.self instanceof Obj ? call.self.rest : null;
      const last = call.self instanceof Obj && list?.length === 0 ? call.self.own(RETURNED) : undefined;
      const value = list?.shift() ?? (last?.kind === 'accessor' ? undefined : last);
      result.props.set('value', value ?? rest ?? UNDEFINED);
      const isOpen = list === null || (value === undefined && rest !== null);
      result.props.set('done', isOpen ? unknown(null) : prim(value === undefined || value === last));
      return result;
    },
  ],
];
