import type * as t from '@babel/types';
import { manifestField, PACKAGE_VARIABLE } from '../../npm-environment.js';
import { PROJECT } from '../modules/paths.js';
import { ofNamedField, ofOneVariable, ofRequestLine } from '../taint/handed-fields.js';
import { deepTaints } from '../taint/inner-taints.js';
import { ofPlainSetting } from '../taint/npm-settings.js';
import { joinTaints, lengthOf, withoutKey } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { writtenVariable } from './environment-writes.js';
import type { Frame, Interpreter } from './interpreter.js';
import { getProperty } from './properties.js';
import { Api, HOLE, join, Obj, prim, text, unknown, type Value } from './value.js';

const GLOBAL_OBJECT = new Set(['globalThis', 'global', 'window', 'self', 'top', 'parent', 'frames', 'root', 'GLOBAL']);
const NOT_IN_NODE = new Set(['define']);

/** Builtin classes whose `prototype` is the table of methods of our values. */
const CLASSES = new Set([
  'String',
  'Number',
  'Boolean',
  'BigInt',
  'Object',
  'Function',
  'Array',
  'Buffer',
  'Promise',
  'RegExp',
  'Map',
  'Set',
  'Error',
  'Date',
  'Uint8Array',
  'URL',
  'URLSearchParams',
]);
/** APIs that are plain objects, so that `.constructor` is Object and not Function. */
const OBJECTS = new Set([
  'global',
  'process',
  'console',
  'Math',
  'JSON',
  'Reflect',
  'process.env',
  'document',
  'navigator',
  'location',
  'performance',
  'Intl',
  'Atomics',
  'WebAssembly',
  'crypto',
]);

const CONSTANTS: Record<string, string | number | boolean> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  'path.sep': '/',
  'path.delimiter': ':',
  'os.EOL': '\n',
  'Math.PI': Math.PI,
  'Math.E': Math.E,
  'Math.LN2': Math.LN2,
  'Math.SQRT2': Math.SQRT2,
  'Number.MAX_SAFE_INTEGER': Number.MAX_SAFE_INTEGER,
  'Number.MIN_SAFE_INTEGER': Number.MIN_SAFE_INTEGER,
  'Number.MAX_VALUE': Number.MAX_VALUE,
  'Number.EPSILON': Number.EPSILON,
  'Number.POSITIVE_INFINITY': Number.POSITIVE_INFINITY,
  'Number.NaN': Number.NaN,
};

/** Names that every supported Node has; reading any other throws where nobody declared it, as samples do that look for a browser. */
const IN_NODE = new Set(
  (
    'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error AggregateError ' +
    'EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl ArrayBuffer Atomics Uint8Array Int8Array ' +
    'Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt ' +
    'Set WeakMap WeakSet WeakRef Proxy Reflect FinalizationRegistry SharedArrayBuffer WebAssembly decodeURI decodeURIComponent encodeURI ' +
    'encodeURIComponent escape unescape eval isFinite isNaN console process global Buffer URL URLSearchParams TextEncoder TextDecoder ' +
    'AbortController AbortSignal EventTarget Event MessageChannel MessagePort MessageEvent BroadcastChannel Blob performance queueMicrotask ' +
    'structuredClone atob btoa setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate fetch Headers Request Response ' +
    'FormData crypto require module exports __filename __dirname'
  ).split(' '),
);

/** The value of a name that no scope declares. */
export function globalValue(I: Interpreter, name: string, node: t.Node | null, frame: Frame): Value {
  const made = I.globals.get(name);
  if (made !== undefined) return made;
  const given = shared(I, 'global').props.get(name);
  if (given?.kind === 'accessor') return getProperty(I, shared(I, 'global'), name, node, frame);
  if (given !== undefined) return given;
  if (name === 'undefined' || NOT_IN_NODE.has(name)) return prim(undefined);
  const constant = CONSTANTS[name];
  if (constant !== undefined) return prim(constant);
  if (GLOBAL_OBJECT.has(name)) return shared(I, 'global');
  if (name === 'require') {
    const require = new Api('require');
    require.target = frame.file;
    return require;
  }
  // Under the same name there is a package that starts programs.
  if (name === 'open') return shared(I, 'window.open');
  if (!IN_NODE.has(name)) I.mayThrow++;
  return readSource(I, shared(I, name), node, frame);
}

/** One value for each global API, so that what is written on it is found again. */
function shared(I: Interpreter, path: string): Api {
  const known = I.globals.get(`@${path}`);
  if (known instanceof Api) return known;
  const api = new Api(path);
  I.globals.set(`@${path}`, api);
  return api;
}

/** A property of the outside world; key null: not known which. */
export function apiProperty(I: Interpreter, api: Api, key: string | null, node: t.Node | null, frame: Frame): Value {
  if (api.path === 'global') return key === null ? unknownGlobal(I, node, frame) : globalValue(I, key, node, frame);
  if (api.path === 'process.env') return environment(I, api, key, node, frame);
  if (key === null) {
    if (api.taints !== null) return unknown(api.taints);
    const any = new Api(`${api.path}.?`);
    any.self = api;
    return any;
  }
  if (api.path.startsWith('?.')) {
    if (key === 'length') return unknown(lengthOf(api.taints));
    const field = child(api, `?.${key}`);
    field.taints = ofNamedField(I, api, api.taints, key, node, frame);
    return field;
  }
  const builtin = universal(I, api, key);
  if (builtin !== null) return builtin;
  const named = canonical(api.path, key);
  const path = I.models.aliases.get(named) ?? named;
  const constant = CONSTANTS[path];
  if (constant !== undefined) return prim(constant);
  if (path === 'process.mainModule' || path === 'module.children' || path === 'require.main') {
    const module = child(api, path === 'require.main' ? path : 'module()');
    module.target = frame.file;
    return readSource(I, module, node, frame);
  }
  if (path.length > 160) return unknown(api.taints);
  if (path === 'worker_threads.workerData') {
    const given = I.globals.get(`@${path}`);
    if (given !== undefined) return given;
  }
  const field = child(api, path);
  if (field.taints !== null)
    field.taints = ofRequestLine(
      api.path,
      ofPlainSetting(ofOneVariable(I.models, withoutKey(field.taints, key), key), key),
      key,
    );
  return readSource(I, field, node, frame);
}

function child(parent: Api, path: string): Api {
  const api = new Api(path);
  api.self = parent;
  api.target = parent.target;
  api.targetTaints = parent.targetTaints;
  api.taints = parent.taints;
  api.ofModule = parent.ofModule;
  return api;
}

function canonical(parent: string, key: string): string {
  if (parent.endsWith('.prototype')) {
    const cls = parent.slice(0, -10);
    if (CLASSES.has(cls)) return `${cls === 'Uint8Array' ? 'Buffer' : cls}#${key}`;
  }
  if (parent === 'process' && key === 'env') return 'process.env';
  if (parent === 'module()' && key === 'require') return 'require';
  if ((parent === 'module()' || parent === 'module') && key === 'constructor') return 'module';
  if (parent === 'module' && key === 'Module') return 'module';
  if (parent === 'buffer' && key === 'Buffer') return 'Buffer';
  if (parent === 'url' && (key === 'URL' || key === 'URLSearchParams')) return key;
  if (parent === 'util' && (key === 'TextDecoder' || key === 'TextEncoder')) return key;
  if (parent === 'timers' || (parent === 'process' && key === 'nextTick')) return key;
  if (parent === 'events' && (key === 'EventEmitter' || key === 'default')) return 'events';
  if (parent === 'console' || parent !== 'global') return `${parent}.${key}`;
  return key;
}

/** Properties that every function or object has. */
function universal(I: Interpreter, api: Api, key: string): Value | null {
  switch (key) {
    case 'constructor':
      if (api.path === 'module()' || api.path === 'module') return null;
      return new Api(OBJECTS.has(api.path) ? 'Object' : 'Function');
    case 'call':
    case 'apply':
    case 'bind': {
      if (api.path === 'Reflect' || (key === 'bind' && api.path === 'dgram.createSocket()')) return null;
      const method = new Api(`Function#${key}`);
      method.self = api;
      return method;
    }
    case 'name':
      return /^[A-Z]\w*$/.test(api.path) || api.path.includes('#') ? prim(api.path.replace(/^.*#/, '')) : null;
    case 'default':
      return api.path.includes('()') ? null : api;
    case '__esModule':
      return unknown(null);
    case 'hasOwnProperty':
    case 'propertyIsEnumerable': {
      const method = new Api(`Object#${key}`);
      method.self = api;
      return method;
    }
    case '__proto__': {
      const prototype = new Api(`${api.path.replace(/\(\)$/, '')}.prototype`);
      prototype.depth = I.journals.depth;
      return prototype;
    }
    default:
      return null;
  }
}

/** Gives values that are sources by being read (`process.platform`, `document.cookie`) their taint. */
function readSource(I: Interpreter, api: Api, node: t.Node | null, frame: Frame): Value {
  const found = I.models.sources.get(api.path);
  if (found?.read !== true) return api;
  const from = found.source === 'net.response' ? (api.target ?? api.path) : api.path;
  const taints = I.source(found.source, from, node, frame.file);
  const { args } = I.entry;
  if (api.path === 'process.argv' && args !== undefined && I.entry.phase === 'install') {
    const list = new Obj('Array');
    list.elements = [
      unknown(taints),
      unknown(taints),
      ...args.map((arg) => (arg.includes(HOLE) ? text(arg, taints) : prim(arg, taints))),
    ];
    // All that the script gives is known, and what it does not give is not there.
    return list;
  }
  if (
    api.path === 'process.argv' ||
    api.path === 'require.main' ||
    api.path.startsWith('location') ||
    api.path.includes('.location')
  ) {
    const copy = child(api.self instanceof Api ? api.self : api, api.path);
    copy.taints = taints;
    return copy;
  }
  return unknown(taints);
}

function unknownGlobal(I: Interpreter, node: t.Node | null, frame: Frame): Value {
  const api = new Api('global.?');
  api.self = shared(I, 'global');
  void node;
  void frame;
  return api;
}

/** One environment variable, or the environment under an unknown name. */
function environment(I: Interpreter, api: Api, key: string | null, node: t.Node | null, frame: Frame): Value {
  if (key === null) return unknown(joinTaints(api.taints, I.source('env.named', '*', node, frame.file)));
  const found = matchSource(I.models.env, key.toUpperCase());
  const taints = joinTaints(api.taints, I.source(found?.source ?? 'env.named', key, node, frame.file));
  const symbol = I.models.symbolOfEnv.get(key);
  if (symbol !== undefined) return text(symbol === '$PROJECT' ? PROJECT : symbol, taints);
  const field = key.startsWith(PACKAGE_VARIABLE)
    ? manifestField(I.loader.manifest, key.slice(PACKAGE_VARIABLE.length))
    : undefined;
  if (field !== undefined) return prim(field, I.source('file.own', 'package.json', node, frame.file));
  const written = writtenVariable(I, key);
  return written === undefined ? unknown(taints) : join(written, unknown(taints));
}

/** Names under which the credentials of well-known services stand, whatever comes behind. */
const OF_KNOWN_SERVICE =
  /^(?:NPM|NODE|GITHUB|GH|GITLAB|CI|ACTIONS|AWS|AZURE|GOOGLE|GCP|VAULT|DOCKER|KUBE|SSH|OPENAI|ANTHROPIC|STRIPE|SLACK|DISCORD|DATABASE|POSTGRES|MONGO|REDIS)_\*/i;

/** A variable of which only a part of the name is known: the token of one of several accounts. */
export function environmentLike(I: Interpreter, api: Api, name: string, node: t.Node | null, frame: Frame): Value {
  const shown = name.replaceAll(HOLE, '*');
  const found = matchSource(I.models.env, shown.toUpperCase());
  if (found === null && OF_KNOWN_SERVICE.test(shown)) return environment(I, api, null, node, frame);
  return unknown(joinTaints(api.taints, I.source(found?.source ?? 'env.named', shown, node, frame.file)));
}

/** All taints of arguments, functions left out. */
export function argumentTaints(args: readonly Value[]) {
  let taints = null as Value['taints'];
  for (const each of args) {
    if (each instanceof Obj && each.kind === 'func') continue;
    taints = joinTaints(taints, deepTaints(each, 3));
  }
  return taints;
}
