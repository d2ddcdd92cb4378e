import { builtinMembers } from '../interpreter/builtin-members.js';
import { bound, callFunction, construct } from '../interpreter/calls.js';
import { errorMade } from '../interpreter/failure.js';
import { readOut, trapsRun } from '../interpreter/implicit-calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { iterate, keysOf } from '../interpreter/iteration.js';
import { copyInto, enumerated, knownVariables } from '../interpreter/literals.js';
import { keyOf } from '../interpreter/operators.js';
import { noteExtension } from '../interpreter/own-methods.js';
import { getByValue, getProperty } from '../interpreter/properties.js';
import { setByValue } from '../interpreter/property-writes.js';
import {
  Api,
  constantText,
  Func,
  join,
  keeping,
  Native,
  NULL,
  Obj,
  prim,
  TRUE,
  TrapApi,
  truth,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { monkeypatched } from '../outside/observe.js';
import { dependencyWritten } from '../outside/package-sources.js';
import { ofNames } from '../taint/environment-names.js';
import { lookedUpBy } from '../taint/implicit-flows.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';

function wholeOf(I: Interpreter, call: Call, value: Value | undefined): Value {
  if (value instanceof Api) return enumerated(I, value, call.node, call.frame);
  // What may be the environment is all of it.
  const whole = value?.kind === 'union' ? value.alternatives.find((each) => each instanceof Api) : undefined;
  const carried = whole instanceof Api ? enumerated(I, whole, call.node, call.frame).taints : null;
  return unknown(joinTaints(value?.taints ?? null, carried));
}

const keys: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  const known = value instanceof Api ? builtinMembers(value.path) : keysOf(value);
  const list = I.array((known ?? knownVariables(I, value)).map((key) => prim(key)));
  if (known === null) {
    list.rest = unknown(ofNames(wholeOf(I, call, value).taints));
    list.taints = list.rest.taints;
  }
  return list;
};

const valuesOrEntries: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  const known = keysOf(value);
  const pair = call.path.endsWith('entries');
  const list = I.array(
    (known ?? knownVariables(I, value)).map((key) => {
      const item = getProperty(I, value, key, call.node, call.frame);
      return pair ? I.array([prim(key), item]) : item;
    }),
  );
  if (known === null || (value instanceof Obj && value.rest !== null)) {
    const whole = value instanceof Obj && value.rest !== null ? value.rest : wholeOf(I, call, value);
    list.rest = pair ? I.array([unknown(whole.taints), whole]) : whole;
    list.taints = joinTaints(whole.taints, value.taints);
  }
  return list;
};

const define: Model = (I, call) => {
  const [target, key, descriptor] = call.args;
  if (target === undefined || !(descriptor instanceof Obj)) return target ?? UNDEFINED;
  const name = key === undefined ? null : keyOf(key);
  const [get, set, value] = ['get', 'set', 'value'].map((field) => descriptor.props.get(field));
  if (!(target instanceof Obj)) {
    if (value !== undefined && value.kind !== 'accessor')
      setByValue(I, target, key ?? UNDEFINED, value, call.node as never, call.frame);
    return target;
  }
  if (get !== undefined && get.kind !== 'accessor') {
    if (target instanceof Api) {
      monkeypatched(I, target, name, get, call.node, call.frame);
      if (name !== null) noteExtension(I, target, name, { kind: 'accessor', get, set: null });
    }
    if (name !== null) {
      I.journals.property(target, name);
      // What a descriptor of a getter says of its setter is `undefined`, which is none.
      const isSetter = set !== undefined && set.kind !== 'accessor' && set.kind !== 'prim';
      target.props.set(name, { kind: 'accessor', get, set: isSetter ? set : null });
    }
  } else if (value !== undefined && value.kind !== 'accessor')
    setByValue(I, target, key ?? UNDEFINED, value, call.node as never, call.frame);
  return target;
};

const defineAll: Model = (I, call) => {
  const [target, descriptors] = call.args;
  if (target instanceof Obj && descriptors instanceof Obj) {
    for (const [key, slot] of descriptors.props)
      if (slot.kind !== 'accessor') define(I, { ...call, args: [target, prim(key), slot] });
  }
  return target ?? UNDEFINED;
};

/** Key and value of a pair; what was cut out of a text in parts has both, of which nothing is known. */
function pairOf(pair: Value): [Value | undefined, Value | undefined] {
  if (!(pair instanceof Obj) || pair.elements === null) return [undefined, pair];
  const rest = pair.rest ?? undefined;
  return [pair.elements[0] ?? rest, pair.elements[1] ?? rest];
}

const assign: Model = (I, call) => {
  const [target, ...sources] = call.args;
  if (target instanceof Obj && !(target instanceof Api) && target.cls !== 'URL')
    for (const each of sources) copyInto(I, target, each, call.node, call.frame);
  else if (target !== undefined) {
    for (const each of sources) {
      if (each instanceof Obj)
        for (const [key, slot] of each.props)
          if (slot.kind !== 'accessor') setByValue(I, target, prim(key), slot, call.node as never, call.frame);
    }
    return keeping(target, deepTaints(I.array(sources)));
  }
  return target ?? UNDEFINED;
};

const prototypeOfValue: Model = (I, call) => {
  const value = call.args[0] ?? UNDEFINED;
  if (value instanceof Func || value instanceof Native) {
    const node = value instanceof Func ? value.node : null;
    const name =
      node !== null && 'async' in node && node.async
        ? 'AsyncFunction'
        : node !== null && 'generator' in node && node.generator
          ? 'GeneratorFunction'
          : 'Function';
    const prototype = I.object();
    prototype.props.set('constructor', new Api(name));
    return prototype;
  }
  if (value instanceof Api) return new Api(`${value.path.replace(/\(\)$/, '')}.prototype`);
  if (value instanceof Obj) return value.proto ?? new Api(`${value.cls}.prototype`);
  if (value.kind === 'prim' && typeof value.value === 'string') return new Api('String.prototype');
  return unknown(value.taints);
};

const apply: Model = (I, call) => {
  const [self, list] = call.args;
  const fn = call.self;
  const args =
    list === undefined || (list.kind === 'prim' && (list.value === undefined || list.value === null))
      ? []
      : iterate(I, list, call.frame);
  return callFunction(I, fn, self ?? UNDEFINED, args, call.node, call.frame);
};

const makeFunctionText: Model = (_I, call) => {
  if (call.self instanceof Func && call.self.node.start !== undefined) {
    const code = _I.loader.excerptWhole(call.self.file, call.self.node);
    return code === null
      ? unknown(_I.source('code.self', 'function text', call.node, call.frame.file))
      : prim(code, _I.source('code.self', 'function text', call.node, call.frame.file));
  }
  return prim('function () { [native code] }');
};

/** `Base.call(this)` of a class made of functions: it gives nothing, the instance is the caller's own. */
function isBaseOf(fn: Value, self: Value | undefined): boolean {
  return (
    fn instanceof Api &&
    self instanceof Obj &&
    !(self instanceof Api) &&
    /^(?:events|EventTarget|stream\.[A-Z]\w+|net\.Socket|http\.(?:Agent|Server)|tls\.TLSSocket)$/.test(fn.path)
  );
}

/** Models of Object, Reflect, Proxy, Function.prototype, JSON and Symbol. */
export const OBJECTS: [string, Model][] = [
  ['Object.keys', keys],
  ['Object.getOwnPropertyNames', keys],
  ['Reflect.ownKeys', keys],
  ['Object.values', valuesOrEntries],
  ['Object.entries', valuesOrEntries],
  [
    'Object.fromEntries',
    (I, call) => {
      const object = I.object();
      for (const pair of iterate(I, call.args[0] ?? UNDEFINED, call.frame)) {
        const [key, value] = pairOf(pair);
        const name = key === undefined ? null : keyOf(key);
        if (name !== null && value !== undefined) object.props.set(name, value);
        else if (value !== undefined) {
          dependencyWritten(I, key?.taints ?? null, value, call.node, call.frame);
          object.rest = object.rest === null ? value : join(object.rest, value);
        }
        object.taints = joinTaints(object.taints, key?.taints ?? null);
        if (value !== undefined && name === null) object.taints = joinTaints(object.taints, value.taints);
      }
      return object;
    },
  ],
  ['Object.assign', assign],
  ['Object.freeze', (_I, call) => call.args[0]],
  ['Object.seal', (_I, call) => call.args[0]],
  ['Object.preventExtensions', (_I, call) => call.args[0]],
  ['Object', (I, call) => call.args[0] ?? I.object()],
  [
    'Object.create',
    (I, call) => {
      const object = I.object();
      const proto = call.args[0];
      object.proto = proto instanceof Obj ? proto : null;
      if (call.args[1] !== undefined) defineAll(I, { ...call, args: [object, call.args[1]] });
      return object;
    },
  ],
  ['Object.defineProperty', define],
  ['Reflect.defineProperty', define],
  ['Object.defineProperties', defineAll],
  [
    'Object#__defineGetter__',
    (I, call) => {
      const descriptor = I.object();
      descriptor.props.set('get', call.args[1] ?? UNDEFINED);
      define(I, { ...call, args: [call.self, call.args[0] ?? UNDEFINED, descriptor] });
      return UNDEFINED;
    },
  ],
  ['Object.getPrototypeOf', prototypeOfValue],
  ['Reflect.getPrototypeOf', prototypeOfValue],
  [
    'Object.setPrototypeOf',
    (_I, call) => {
      const [target, proto] = call.args;
      if (target instanceof Obj && proto instanceof Obj && target !== proto) target.proto = proto;
      return target;
    },
  ],
  [
    'Object.getOwnPropertyDescriptor',
    (I, call) => {
      const [target, key] = call.args;
      const descriptor = I.object();
      if (target === undefined || key === undefined) return UNDEFINED;
      const name = keyOf(key);
      const slot = target instanceof Obj && name !== null ? target.props.get(name) : undefined;
      if (slot?.kind === 'accessor') {
        descriptor.props.set('get', slot.get ?? UNDEFINED);
        descriptor.props.set('set', slot.set ?? UNDEFINED);
      } else {
        const value = getByValue(I, target, key, call.node as never, call.frame);
        if (value.kind === 'prim' && value.value === undefined) return UNDEFINED;
        descriptor.props.set('value', value);
        descriptor.props.set('writable', TRUE);
      }
      return descriptor;
    },
  ],
  ['Object#hasOwnProperty', hasOwn((call) => [call.self, call.args[0]])],
  ['Object.hasOwn', hasOwn((call) => [call.args[0], call.args[1]])],
  ['Reflect.has', hasOwn((call) => [call.args[0], call.args[1]])],
  [
    'Object#toString',
    (_I, call) =>
      call.self instanceof Obj && call.self.kind === 'obj'
        ? prim(
            `[object ${['Array', 'Date', 'RegExp', 'Promise', 'Map', 'Set', 'Error'].includes(call.self.cls) ? call.self.cls : 'Object'}]`,
          )
        : call.self.kind === 'func'
          ? prim('[object Function]')
          : unknown(null),
  ],
  ['Object#valueOf', (_I, call) => call.self],
  [
    'Reflect.get',
    (I, call) => getByValue(I, call.args[0] ?? UNDEFINED, call.args[1] ?? UNDEFINED, call.node as never, call.frame),
  ],
  [
    'Reflect.set',
    (I, call) => {
      setByValue(
        I,
        call.args[0] ?? UNDEFINED,
        call.args[1] ?? UNDEFINED,
        call.args[2] ?? UNDEFINED,
        call.node as never,
        call.frame,
      );
      return TRUE;
    },
  ],
  [
    'Reflect.apply',
    (I, call) =>
      callFunction(
        I,
        call.args[0] ?? UNDEFINED,
        call.args[1] ?? UNDEFINED,
        iterate(I, call.args[2] ?? UNDEFINED, call.frame),
        call.node,
        call.frame,
      ),
  ],
  [
    'Reflect.construct',
    (I, call) =>
      construct(I, call.args[0] ?? UNDEFINED, iterate(I, call.args[1] ?? UNDEFINED, call.frame), call.node, call.frame),
  ],
  [
    'Function#call',
    (I, call) => {
      const result = callFunction(I, call.self, call.args[0] ?? UNDEFINED, call.args.slice(1), call.node, call.frame);
      return isBaseOf(call.self, call.args[0]) ? UNDEFINED : result;
    },
  ],
  [
    'Function#apply',
    (I, call) => {
      const result = apply(I, call);
      return isBaseOf(call.self, call.args[0]) ? UNDEFINED : result;
    },
  ],
  ['Function#bind', (I, call) => bound(I, call.self, call.args[0] ?? UNDEFINED, call.args.slice(1))],
  ['Function#toString', makeFunctionText],
  ['Proxy', (I, call) => proxy(I, call)],
  ['Symbol', () => new Api('Symbol.?')],
  ['Symbol.for', (_I, call) => new Api(`Symbol.${constantText(call.args[0]) ?? '?'}`)],
  [
    'structuredClone',
    (I, call) => {
      readOut(I, call.args[0] ?? UNDEFINED, call.node, call.frame);
      return call.args[0];
    },
  ],
  [
    'Boolean',
    (_I, call) => {
      const known = truth(call.args[0] ?? UNDEFINED);
      return known === null ? unknown(argumentTaints(call.args)) : prim(known);
    },
  ],
  [
    'Error',
    (I, call) => {
      const error = I.object('Error');
      errorMade(call.api, error, call.args);
      return error;
    },
  ],
  [
    'WeakRef',
    (I, call) => {
      const value = call.args[0] ?? UNDEFINED;
      const ref = I.object();
      ref.props.set('deref', new Native(() => value));
      return ref;
    },
  ],
];

function hasOwn(of: (call: Call) => (Value | undefined)[]): Model {
  return (_I, call) => {
    const [target, key] = of(call);
    const name = key === undefined ? null : keyOf(key);
    if (!(target instanceof Obj) || target instanceof Api || name === null || target.rest !== null)
      return unknown(lookedUpBy(key?.taints ?? null));
    return prim(target.props.has(name) || (target.elements !== null && Number(name) < target.elements.length));
  };
}

/** A proxy: its `get` trap answers for every property; without one the target does. */
function proxy(I: Interpreter, call: Call): Value {
  const [target, handler] = call.args;
  if (target === undefined || !(handler instanceof Obj)) return unknown(null);
  trapsRun(I, target, handler, call.node, call.frame);
  const set = handler.own('set');
  const trapped = (made: Value): Value => {
    if (set instanceof Func && made instanceof Obj && I.setTraps.size < MOST_TRAPS)
      I.setTraps.set(made, { trap: set, inner: target });
    return made;
  };
  const get = handler.props.get('get');
  const trapApply = handler.props.get('apply') ?? handler.props.get('construct');
  if (get === undefined || get.kind === 'accessor') {
    if (trapApply !== undefined && trapApply.kind === 'func') {
      const isMade = handler.own('apply') === undefined;
      return new Native((args, self) => {
        const given = isMade ? [target, I.array(args)] : [target, self, I.array(args)];
        return callFunction(I, trapApply, handler, given, call.node, call.frame);
      });
    }
    return trapped(target);
  }
  return trapped(
    new TrapApi(target, (key) => callFunction(I, get, handler, [target, prim(key), NULL], call.node, call.frame)),
  );
}

const MOST_TRAPS = 200;
