import { Api, Bytes, Func, Future, Native, Obj, Pattern, type Value } from './value.js';

/** Builtin classes whose prototype methods a value of ours has, nearest first. */
export function classesOf(value: Value): string[] {
  if (value.kind === 'prim') {
    switch (typeof value.value) {
      case 'string':
        return ['String', 'Object'];
      case 'number':
        return ['Number', 'Object'];
      case 'boolean':
        return ['Boolean', 'Object'];
      case 'bigint':
        return ['BigInt', 'Object'];
      default:
        return [];
    }
  }
  if (value.kind === 'text') return ['String', 'Object'];
  if (value instanceof Func || value instanceof Native) return ['Function', 'Object'];
  if (value instanceof Bytes) return ['Buffer', 'Array', 'Object'];
  if (value instanceof Future) return ['Promise', 'Object'];
  if (value instanceof Pattern) return ['RegExp', 'Object'];
  // Helpers of iterators are called like methods of lists.
  if (value instanceof Obj && value.cls === 'Generator') return ['Generator', 'Array', 'Object'];
  if (value instanceof Obj) return value.cls === 'Object' ? ['Object'] : [value.cls, 'Object'];
  return [];
}

/** Names of methods by builtin class: what exists, so that a missing property is undefined and not an API. */
const METHODS: Record<string, ReadonlySet<string>> = {
  String: names(String.prototype),
  Number: names(Number.prototype),
  Boolean: names(Boolean.prototype),
  BigInt: names(BigInt.prototype),
  Object: names(Object.prototype),
  Function: names(Function.prototype),
  Array: names(Array.prototype),
  Buffer: new Set([
    ...names(Buffer.prototype),
    ...names(Uint8Array.prototype),
    ...names(Object.getPrototypeOf(Uint8Array.prototype) as object),
    ...names(DataView.prototype),
    'asUint8Array',
    'slice',
  ]),
  Promise: names(Promise.prototype),
  RegExp: names(RegExp.prototype),
  Map: names(Map.prototype),
  Set: names(Set.prototype),
  WeakMap: names(WeakMap.prototype),
  WeakSet: names(WeakSet.prototype),
  Error: names(Error.prototype),
  Date: names(Date.prototype),
  URL: names(URL.prototype),
  URLSearchParams: names(URLSearchParams.prototype),
  FormData: names(URLSearchParams.prototype),
  'form-data': names(URLSearchParams.prototype).add('submit').add('pipe').add('getBuffer'),
  Headers: names(URLSearchParams.prototype),
  Generator: new Set(['next', 'return', 'throw', 'toArray']),
  EventEmitter: new Set([
    'on',
    'once',
    'addListener',
    'prependListener',
    'emit',
    'off',
    'removeListener',
    'removeAllListeners',
    'addEventListener',
    'dispatchEvent',
    'setMaxListeners',
    'listenerCount',
  ]),
  TextDecoder: new Set(['decode']),
  TextEncoder: new Set(['encode', 'encodeInto']),
};

/** Whether texts, lists, bytes or promises have a method under a name: who asks a value for it knows no field of its own. */
export function isBuiltinName(key: string): boolean {
  return OF_PLAIN_VALUES.has(key);
}

const OF_PLAIN_VALUES: ReadonlySet<string> = new Set(
  ['String', 'Array', 'Buffer', 'Promise', 'Object'].flatMap((cls) => [...(METHODS[cls] ?? [])]),
);

function names(prototype: object): Set<string> {
  return new Set(Object.getOwnPropertyNames(prototype).concat(Symbol.iterator in prototype ? ['@@iterator'] : []));
}

const shared = new Map<string, Api>();

/** The method of a builtin class for a call on a constant, without a value of its own for each call. */
export function builtinMethod(target: Value, key: string): Api | null {
  if (target.kind !== 'prim' || (typeof target.value !== 'string' && typeof target.value !== 'number')) return null;
  const cls = typeof target.value === 'string' ? 'String' : 'Number';
  if (METHODS[cls]?.has(key) !== true || key === 'constructor') return null;
  const path = `${cls}#${key}`;
  let api = shared.get(path);
  if (api === undefined) {
    api = new Api(path);
    shared.set(path, api);
  }
  return api;
}

/** The builtin method or constructor that a value has under a name, or null. */
export function method(classes: readonly string[], target: Value, key: string): Value | null {
  if (key === 'constructor') {
    const cls = classes[0] === 'Function' && target instanceof Func ? functionClass(target) : (classes[0] as string);
    return new Api(cls);
  }
  for (const cls of classes) {
    if (METHODS[cls]?.has(key)) {
      const api = new Api(`${cls}#${key}`);
      api.self = target;
      return api;
    }
  }
  return null;
}

function functionClass(fn: Func): string {
  const node = fn.node;
  if ('async' in node && node.async) return 'AsyncFunction';
  return 'generator' in node && node.generator ? 'GeneratorFunction' : 'Function';
}
