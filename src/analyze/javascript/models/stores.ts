import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { asIterator, iterate } from '../interpreter/iteration.js';
import { enumerated } from '../interpreter/literals.js';
import { hrefOf, pairsText } from '../interpreter/pairs.js';
import { fieldOf, throwTypeError } from '../interpreter/properties.js';
import {
  Api,
  alternatives,
  constantText,
  HOLE,
  isUnknown,
  join,
  knownText,
  Obj,
  prim,
  Store,
  tainted,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { addressMade } from '../taint/connection-addresses.js';
import { lookedUpBy, recordOf } from '../taint/implicit-flows.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, transformed, withField } from '../taint/taint.js';
import { asked } from './array-searching.js';
import { pipe } from './streams.js';

function identity(value: Value): unknown {
  if (value.kind === 'prim') return value.value;
  return value instanceof Obj ? value : null;
}

/** A key that may be any. */
function isOpen(key: Value): boolean {
  return isUnknown(key) || key.kind === 'text' || key.kind === 'union';
}

/** A key that may be one of a store's: what comes from outside is the same thing only where it is kept as it is. */
function mayBeAny(store: Store, key: Value): boolean {
  return isOpen(key) || (key instanceof Api && !store.entries.has(key));
}

function put(I: Interpreter, store: Store, key: Value, value: Value): void {
  if (isOpen(key)) {
    I.journals.rest(store);
    store.rest = store.rest === null ? value : join(store.rest, value);
    store.taints = joinTaints(store.taints, joinTaints(key.taints, value.taints));
    return;
  }
  const id = identity(key);
  const old = store.entries.get(id);
  const weak = old !== undefined && store.depth < I.journals.depth;
  store.entries.set(id, [key, weak ? join(old[1], value) : value]);
}

function newStore(I: Interpreter, cls: string): Store {
  const store = new Store(cls);
  store.depth = I.journals.depth;
  return store;
}

const makeMap: Model = (I, call) => {
  const store = newStore(I, call.path);
  for (const pair of call.args[0] === undefined || call.args[0].kind === 'prim'
    ? []
    : iterate(I, call.args[0], call.frame)) {
    const [key, value] = pair instanceof Obj && pair.elements !== null ? pair.elements : [unknown(pair.taints), pair];
    put(I, store, key ?? UNDEFINED, value ?? UNDEFINED);
  }
  return store;
};

const makeSet: Model = (I, call) => {
  const store = newStore(I, call.path);
  for (const value of call.args[0] === undefined ||
  (call.args[0].kind === 'prim' && typeof call.args[0].value !== 'string')
    ? []
    : iterate(I, call.args[0], call.frame))
    put(I, store, value, value);
  return store;
};

/** URLSearchParams, FormData, Headers: from pairs, an object or a query text. */
const makePairs: Model = (I, call) => {
  const store = newStore(I, call.path);
  const init = call.args[0];
  if (init === undefined) return store;
  store.taints = deepTaints(init);
  const shown = constantText(init);
  if (shown !== null)
    for (const [key, value] of new URLSearchParams(shown)) put(I, store, prim(key), prim(value, init.taints));
  else if (init instanceof Obj && init.kind === 'obj') {
    if (init.elements !== null) return makeMap(I, { ...call, args: [init] });
    for (const [key, slot] of init.props) if (slot.kind !== 'accessor') put(I, store, prim(key), slot);
    if (init.rest !== null) store.rest = init.rest;
  } else {
    store.rest = init instanceof Api ? enumerated(I, init, call.node, call.frame) : unknown(store.taints);
    store.taints = joinTaints(store.taints, store.rest.taints);
  }
  return store;
};

function onStore(run: (I: Interpreter, store: Store, call: Call) => Value): Model {
  return (I, call) => {
    const self = alternatives(call.self).find((each) => each instanceof Store);
    return self === undefined ? unknown(call.self.taints) : run(I, self as Store, call);
  };
}

const get = onStore((I, store, call) => {
  const key = call.args[0] ?? UNDEFINED;
  const rest = store.rest === null ? null : namedRest(I, store.rest, key, call);
  const found = store.entries.get(identity(key));
  if (found !== undefined) return rest === null ? found[1] : join(found[1], rest);
  if (mayBeAny(store, key)) {
    const all = [...store.entries.values()].slice(0, 16).map(([, value]) => recordOf(key.taints, value));
    const kept = [...all, rest ?? unknown(store.taints)].reduce(join);
    return kept instanceof Obj ? kept : tainted(kept, lookedUpBy(key.taints));
  }
  return rest ?? (store.taints === null ? UNDEFINED : namedRest(I, unknown(store.taints), key, call));
});

/** What stands for the values that are not known, under a name that is. */
function namedRest(I: Interpreter, rest: Value, key: Value, call: Call): Value {
  const name = constantText(key);
  return name === null ? rest : fieldOf(I, rest, name, call.node, call.frame);
}

const set = onStore((I, store, call) => {
  put(I, store, call.args[0] ?? UNDEFINED, call.args[1] ?? call.args[0] ?? UNDEFINED);
  return store;
});

const pairsToString = onStore((I, store, call) => {
  const taints = transformed(
    deepTaints(store, 3),
    'querystring',
    I.at(call.node, call.frame.file, 'step', 'querystring'),
  );
  const { shown, whole } = pairsText(store);
  return whole ? prim(shown, taints) : text(shown, taints);
});

const forEach = onStore((I, store, call) => {
  for (const [key, value] of [...store.entries.values()])
    callFunction(I, call.args[0] ?? UNDEFINED, UNDEFINED, [value, key, store], call.node, call.frame);
  if (store.rest !== null)
    callFunction(
      I,
      call.args[0] ?? UNDEFINED,
      UNDEFINED,
      [store.rest, unknown(store.taints), store],
      call.node,
      call.frame,
    );
  return UNDEFINED;
});

const list = (pick: (I: Interpreter, pair: [Value, Value]) => Value) =>
  onStore((I, store) => {
    const made = I.array([...store.entries.values()].map((pair) => pick(I, pair)));
    if (store.rest !== null) made.rest = pick(I, [unknown(store.taints), store.rest]);
    return asIterator(made);
  });

/** Whether a text that is known as a whole is no address. */
function isWrongAddress(shown: string | null): boolean {
  return shown !== null && !shown.includes(HOLE) && !URL.canParse(shown);
}

const makeUrl: Model = (I, call) => {
  const [shown, base] = [knownText(call.args[0]), knownText(call.args[1])];
  if (call.path === 'URL' && call.args.length === 1 && isWrongAddress(shown)) throwTypeError(I, 'Invalid URL');
  const url = I.object('URL');
  url.taints = joinTaints(call.args[0]?.taints ?? null, call.args[1]?.taints ?? null);
  const whole =
    shown === null
      ? base === null || call.args[1]?.kind === 'union'
        ? HOLE
        : base.replace(/[?#].*$/s, '').replace(/([^/])\/[^/]*$/, '$1/') + HOLE
      : base !== null && !/^[a-z][\w+.-]*:/i.test(shown) && shown[0] !== HOLE
        ? resolved(shown, base)
        : call.args[1] !== undefined && base === null && /^[/?#.]/.test(shown)
          ? `${HOLE}${shown}`
          : shown;
  const params = newStore(I, 'URLSearchParams');
  const hasHole = whole.includes(HOLE);
  // What is not there in a text of which a part is not known may be in that part.
  const part = (value: string | undefined) =>
    value === undefined || value === ''
      ? hasHole
        ? text(HOLE, url.taints)
        : prim('')
      : value.includes(HOLE)
        ? text(value, url.taints)
        : prim(value, url.taints);
  const parts = /^([a-z][\w+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(whole);
  const [, protocol, host, path, search, hash] = parts ?? [];
  url.props.set('href', part(whole));
  url.props.set('protocol', part(protocol));
  url.props.set('host', part(host));
  url.props.set('hostname', part(host?.replace(/:\d+$/, '').replace(/^.*@/, '')));
  const port = /:(\d+)$/.exec(host ?? '')?.[1];
  url.props.set('port', port === undefined && host !== undefined && !host.includes(HOLE) ? prim('') : part(port));
  url.props.set('pathname', part(path === '' && !hasHole ? '/' : path));
  url.props.set('search', part(search));
  url.props.set('hash', part(hash));
  url.props.set('origin', part(protocol === undefined || host === undefined ? undefined : `${protocol}//${host}`));
  if (hasHole) {
    for (const name of ['password', 'auth']) {
      const secret = withField(url.taints, { source: 'param.secret' }, `${name} of an address`);
      url.props.set(name, unknown(secret));
      addressMade(I, url, secret);
    }
  }
  url.props.set('searchParams', params);
  if (whole.endsWith(HOLE)) params.rest = unknown(url.taints);
  if (search) for (const [key, value] of new URLSearchParams(search)) put(I, params, prim(key), part(value));
  return url;
};

function resolved(path: string, base: string): string {
  try {
    return new URL(path.replaceAll(HOLE, '__hole__'), base.replaceAll(HOLE, '__hole__')).href.replaceAll(
      '__hole__',
      HOLE,
    );
  } catch {
    return path;
  }
}

/** Models of Map, Set, URL and the stores of pairs. */
export const STORES: [string, Model][] = [
  ['Map', makeMap],
  ['WeakMap', makeMap],
  ['Set', makeSet],
  ['WeakSet', makeSet],
  ['URLSearchParams', makePairs],
  ['FormData', makePairs],
  ['form-data', makePairs],
  ['formdata-node.FormData', makePairs],
  ['Headers', makePairs],
  ...['Map', 'WeakMap', 'URLSearchParams', 'FormData', 'form-data', 'Headers'].flatMap((cls): [string, Model][] => [
    [`${cls}#get`, get],
    [`${cls}#set`, set],
    [`${cls}#append`, set],
  ]),
  ...['Set', 'WeakSet'].map((cls): [string, Model] => [`${cls}#add`, set]),
  ...['Map', 'WeakMap', 'Set', 'WeakSet', 'URLSearchParams', 'FormData', 'Headers'].flatMap(
    (cls): [string, Model][] => [
      [
        `${cls}#has`,
        onStore((_I, store, call) =>
          store.rest !== null || mayBeAny(store, call.args[0] ?? UNDEFINED)
            ? unknown(asked(call.args[0] ?? UNDEFINED))
            : prim(store.entries.has(identity(call.args[0] ?? UNDEFINED))),
        ),
      ],
      [`${cls}#delete`, onStore((_I, store, call) => prim(store.entries.delete(identity(call.args[0] ?? UNDEFINED))))],
      [`${cls}#forEach`, forEach],
      [`${cls}#keys`, list((_I, [key]) => key)],
      [`${cls}#values`, list((_I, [, value]) => value)],
      [`${cls}#entries`, list((I, [key, value]) => I.array([key, value]))],
      [`${cls}#@@iterator`, list((I, [key, value]) => (cls.includes('Set') ? value : I.array([key, value])))],
    ],
  ),
  ['form-data#pipe', pipe],
  ['form-data#getBuffer', onStore((_I, store) => unknown(deepTaints(store, 3)))],
  ['URLSearchParams#toString', pairsToString],
  [
    'querystring.stringify',
    (I, call) => pairsToString(I, { ...call, self: makePairs(I, { ...call, path: 'URLSearchParams' }) ?? UNDEFINED }),
  ],
  ['URL', makeUrl],
  ['url.parse', makeUrl],
  [
    'url.fileURLToPath',
    (_I, call) => {
      const shown = knownText(call.args[0])?.replace(/^file:\/\//, '') ?? null;
      const taints = argumentTaints(call.args);
      return shown === null ? unknown(taints) : shown.includes(HOLE) ? text(shown, taints) : prim(shown, taints);
    },
  ],
  [
    'url.pathToFileURL',
    (I, call) =>
      makeUrl(I, { ...call, args: [text(`file://${knownText(call.args[0]) ?? HOLE}`, argumentTaints(call.args))] }),
  ],
  ...['URL#toString', 'URL#toJSON'].map((path): [string, Model] => [
    path,
    (_I, call) => (call.self instanceof Obj ? hrefOf(call.self) : undefined),
  ]),
  [
    'url.format',
    (_I, call) =>
      call.args[0] instanceof Obj ? (hrefOf(call.args[0]) ?? unknown(deepTaints(call.args[0]))) : call.args[0],
  ],
];
