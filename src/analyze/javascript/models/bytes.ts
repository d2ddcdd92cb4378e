import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, unzipSync } from 'node:zlib';
import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { iterate } from '../interpreter/iteration.js';
import {
  Bytes,
  constantNumber,
  constantText,
  HOLE,
  knownText,
  Obj,
  prim,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { ARRAYS } from './arrays.js';
import { createCipher, createDecipher, derive, final, hash, inflated, update } from './ciphers.js';
import { atob, btoa, decodingStep, encoding, percent, percentUnescape, step } from './encodings.js';

/** Most bytes that one value holds or that inflating gives. */
export const MAX_BYTES = 16_000_000;

/** The bytes that a value is, or null where they are not known. */
export function bytesOf(value: Value | undefined, as: BufferEncoding = 'utf8'): Uint8Array | null {
  if (value === undefined) return null;
  if (value instanceof Bytes) return value.bytes;
  const shown = constantText(value);
  if (shown !== null) return Buffer.from(shown, as);
  if (value instanceof Obj && value.elements !== null && value.rest === null) {
    const out = new Uint8Array(value.elements.length);
    for (const [index, each] of value.elements.entries()) {
      if (each.kind !== 'prim') return null;
      out[index] = Number(each.value);
    }
    return out;
  }
  return null;
}

const from: Model = (I, call) => {
  const [source, how] = call.args;
  const as = encoding(how);
  const named = as === 'base64' || as === 'base64url' || as === 'hex';
  // `header ?? ''`: nothing is what it is without the other.
  const value =
    source?.kind === 'union' ? source.alternatives.find((each) => (constantText(each) ?? '') !== '') : source;
  if (value?.kind === 'prim' && typeof value.value === 'number')
    return new Bytes(new Uint8Array(Math.min(value.value, MAX_BYTES)), null, null);
  const base = source === undefined ? null : deepTaints(source, 2);
  const taints = named ? decodingStep(I, call, base, as === 'hex' ? 'hex' : 'base64') : base;
  const bytes = bytesOf(value, as);
  return new Bytes(
    bytes === null ? null : Uint8Array.from(bytes),
    bytes === null && !named ? knownText(value) : null,
    taints,
  );
};

const bytesToText: Model = (I, call) => {
  const self = call.self;
  const as = encoding(call.args[0]);
  const named = as === 'base64' || as === 'base64url' || as === 'hex';
  const taints = named ? step(I, call, deepTaints(self, 1), as === 'hex' ? 'hex' : 'base64') : deepTaints(self, 1);
  if (self instanceof Bytes) {
    if (self.bytes !== null) {
      const [start, end] = [constantNumber(call.args[1]) ?? 0, constantNumber(call.args[2]) ?? self.bytes.length];
      return prim(Buffer.from(self.bytes).toString(as, start, end), taints, true);
    }
    if (self.text !== null && !named) return text(self.text, taints);
  }
  return unknown(taints);
};

/** Buffer.concat. */
export const concat: Model = (I, call) => {
  const parts = iterate(I, call.args[0] ?? UNDEFINED, call.frame);
  const taints = deepTaints(call.args[0] ?? UNDEFINED, 3);
  const bytes = parts.map((each) => bytesOf(each));
  if (parts.length > 0 && bytes.every((each) => each !== null))
    return new Bytes(Uint8Array.from(Buffer.concat(bytes as Uint8Array[])), null, taints);
  const shown = parts.map((each) => knownText(each));
  return new Bytes(
    null,
    shown.every((each) => each === null) ? null : shown.map((each) => each ?? HOLE).join(''),
    taints,
  );
};

/** Arrays of numbers that are wider than a byte: lists here. */
const WIDE = [
  ...['Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array'],
  ...['BigInt64Array', 'BigUint64Array'],
];

/** The items of `from(list, fn)`. */
function mapped(I: Interpreter, call: Call): Value[] {
  const [source, fn] = call.args;
  const items = iterate(I, source ?? UNDEFINED, call.frame);
  if (fn === undefined) return [...items];
  return items.map((each, index) => callFunction(I, fn, UNDEFINED, [each, prim(index)], call.node, call.frame));
}

const typedArray: Model = (I, call) => {
  const count = constantNumber(call.args[0]);
  if (count !== null) return new Bytes(new Uint8Array(Math.min(Math.max(0, count), MAX_BYTES)), null, null);
  const value = call.args[0];
  if (value instanceof Bytes)
    return call.path === 'Uint8Array' ? value : new Bytes(value.bytes, value.text, value.taints);
  if (
    call.path !== 'Uint8Array' &&
    call.path !== 'Uint8ClampedArray' &&
    value instanceof Obj &&
    value.elements !== null
  )
    return I.array([...value.elements]);
  const list = value === undefined ? [] : iterate(I, value, call.frame);
  return new Bytes(bytesOf(I.array(list)), null, argumentTaints(call.args));
};

const slice: Model = (_I, call) => {
  const self = call.self;
  if (!(self instanceof Bytes) || self.bytes === null) return call.self;
  const [from_, to] = [
    call.args[0] === undefined ? 0 : constantNumber(call.args[0]),
    call.args[1] === undefined ? self.bytes.length : constantNumber(call.args[1]),
  ];
  return from_ === null || to === null
    ? new Bytes(null, null, self.taints)
    : new Bytes(self.bytes.slice(from_, to), null, self.taints);
};

/** Methods that put something into bytes at a place. */
const VIEW_WRITES = [
  ...['Uint8', 'Int8', 'Uint16', 'Int16', 'Uint32', 'Int32', 'Float32', 'Float64'],
  ...['BigInt64', 'BigUint64'],
].map((name) => `set${name}`);

const WRITES = [
  ...['UInt8', 'Int8', 'UInt16LE', 'UInt16BE', 'UInt32LE', 'UInt32BE', 'Int16LE', 'Int16BE', 'Int32LE', 'Int32BE'].map(
    (name) => `write${name}`,
  ),
  ...VIEW_WRITES,
];

/** Something that is not known is put into bytes, which carry it from now on. */
const writeInto: Model = (_I, call) => {
  const { self, args } = call;
  const taints = argumentTaints(args);
  if (!(self instanceof Bytes) || taints === null) return unknown(null);
  self.taints = joinTaints(self.taints, taints);
  self.bytes = null;
  return unknown(null);
};

const searchBytes: Model = (_I, call) => {
  const self = call.self;
  const wanted =
    call.args[0]?.kind === 'prim' && typeof call.args[0].value === 'number'
      ? new Uint8Array([call.args[0].value])
      : bytesOf(call.args[0]);
  if (!(self instanceof Bytes) || self.bytes === null || wanted === null) return unknown(self.taints);
  const buffer = Buffer.from(self.bytes);
  return prim(
    call.path.endsWith('lastIndexOf')
      ? buffer.lastIndexOf(wanted)
      : buffer.indexOf(wanted, constantNumber(call.args[1]) ?? 0),
  );
};

function readNumber(name: string): Model {
  return (_I, call) => {
    const [self, at] = [call.self, call.args[0] === undefined ? 0 : constantNumber(call.args[0])];
    if (!(self instanceof Bytes) || self.bytes === null || at === null) return unknown(call.self.taints);
    try {
      const read = Buffer.prototype[name as 'readUInt8'] as (offset: number) => number;
      return prim(read.call(Buffer.from(self.bytes), at), self.taints);
    } catch {
      return unknown(self.taints);
    }
  };
}

/** What a view of bytes reads: the greater end first, unless it is told otherwise. */
function viewNumber(kind: string): Model {
  const name = `read${kind.replace('Uint', 'UInt')}`;
  return (I, call) => {
    const isLittle = call.args[1]?.kind === 'prim' && Boolean(call.args[1].value);
    return readNumber(kind.endsWith('8') ? name : `${name}${isLittle ? 'LE' : 'BE'}`)(I, call);
  };
}

const DIGESTS = ['crypto.createHash', 'crypto.createHmac'];

const DECIPHERS = ['crypto.createDecipheriv'];

const ENCIPHERS = ['crypto.createCipheriv', 'crypto.createCipher'];

const CIPHERS = [...DECIPHERS, ...ENCIPHERS, 'crypto.createDecipher'];

/** Methods that bytes share with arrays; `map` and `filter` give bytes again. */
const LIST_METHODS = [
  'map',
  'filter',
  'forEach',
  'reduce',
  'reduceRight',
  'every',
  'some',
  'find',
  'findIndex',
  'join',
  'entries',
  'keys',
  'values',
  'at',
  '@@iterator',
];

function listMethod(name: string): [string, Model][] {
  const model = ARRAYS.find(([path]) => path === `Array#${name}`)?.[1];
  if (model === undefined) return [];
  const wrapped: Model = (I, call) => {
    const value = model(I, { ...call, path: `Array#${name}` });
    if ((name !== 'map' && name !== 'filter') || value === undefined) return value;
    return new Bytes(bytesOf(value), null, deepTaints(value, 2));
  };
  return [[`Buffer#${name}`, wrapped]];
}

const reverseBytes: Model = (_I, call) => {
  if (call.self instanceof Bytes && call.self.bytes !== null)
    call.self.bytes = Uint8Array.from(call.self.bytes).reverse();
  return call.self;
};

/** Models of Buffer, typed arrays, text encodings, zlib and crypto on known data. */
export const BYTES: [string, Model][] = [
  ['Buffer.from', from],
  ['Buffer', from],
  ['Buffer.alloc', typedArray],
  ['Buffer.allocUnsafe', typedArray],
  ['Buffer.concat', concat],
  ['Buffer#toString', bytesToText],
  ['Buffer#toJSON', bytesToText],
  ...LIST_METHODS.flatMap(listMethod),
  ['Buffer#reverse', reverseBytes],
  [
    'Buffer#fill',
    (_I, call) => {
      const value = constantNumber(call.args[0]);
      if (call.self instanceof Bytes) call.self.taints = joinTaints(call.self.taints, argumentTaints(call.args));
      if (call.self instanceof Bytes && call.self.bytes !== null) {
        if (value !== null && call.args.length === 1) call.self.bytes.fill(value);
        else call.self.bytes = null;
      }
      return call.self;
    },
  ],
  [
    'Buffer#set',
    (_I, call) => {
      const from = bytesOf(call.args[0]);
      const at = constantNumber(call.args[1]) ?? 0;
      if (call.self instanceof Bytes) {
        call.self.taints = joinTaints(call.self.taints, argumentTaints(call.args));
        if (from !== null && call.self.bytes !== null && at + from.length <= call.self.bytes.length)
          call.self.bytes.set(from, at);
        else call.self.bytes = null;
      }
      return UNDEFINED;
    },
  ],
  ['Buffer#indexOf', searchBytes],
  ['Buffer#lastIndexOf', searchBytes],
  [
    'Buffer#includes',
    (I, call) => {
      const at = searchBytes(I, call);
      return at?.kind === 'prim' ? prim(at.value !== -1) : unknown(null);
    },
  ],
  ...WRITES.map((name): [string, Model] => [`Buffer#${name}`, writeInto]),
  [
    'TextEncoder#encodeInto',
    (I, call) => writeInto(I, { ...call, self: call.args[1] ?? UNDEFINED, args: call.args.slice(0, 1) }),
  ],
  ['Buffer#slice', slice],
  ['Buffer#subarray', slice],
  [
    'Buffer#write',
    (_I, call) => {
      if (call.self instanceof Bytes) {
        call.self.text = knownText(call.args[0]) ?? call.self.text;
        call.self.taints = joinTaints(call.self.taints, argumentTaints(call.args));
        const written = bytesOf(call.args[0], encoding(call.args[call.args.length - 1]));
        if (written !== null && call.self.bytes !== null)
          call.self.bytes.set(
            written.slice(0, Math.max(0, call.self.bytes.length - (constantNumber(call.args[1]) ?? 0))),
            constantNumber(call.args[1]) ?? 0,
          );
        else call.self.bytes = null;
      }
      return unknown(null);
    },
  ],
  [
    'Buffer#copy',
    (_I, call) => {
      const target = call.args[0];
      if (target instanceof Bytes) {
        target.taints = joinTaints(target.taints, call.self.taints);
        target.bytes = null;
      }
      return unknown(null);
    },
  ],
  ...[
    'readUInt8',
    'readUInt16LE',
    'readUInt16BE',
    'readUInt32LE',
    'readUInt32BE',
    'readInt8',
    'readInt32LE',
    'readInt32BE',
  ].map((name): [string, Model] => [`Buffer#${name}`, readNumber(name)]),
  ...['Uint8', 'Int8', 'Uint16', 'Int16', 'Uint32', 'Int32'].map((kind): [string, Model] => [
    `Buffer#get${kind}`,
    viewNumber(kind),
  ]),
  ...['Uint8Array', 'Uint8ClampedArray', 'Int8Array', ...WIDE, 'ArrayBuffer', 'SharedArrayBuffer', 'DataView'].map(
    (name): [string, Model] => [name, typedArray],
  ),
  ['Uint8Array.from', (I, call) => new Bytes(bytesOf(I.array(mapped(I, call))), null, argumentTaints(call.args))],
  ['Uint8Array.of', (I, call) => new Bytes(bytesOf(I.array([...call.args])), null, argumentTaints(call.args))],
  ...WIDE.flatMap((name): [string, Model][] => [
    [`${name}.from`, (I, call) => I.array(mapped(I, call))],
    [`${name}.of`, (I, call) => I.array([...call.args])],
  ]),
  ['atob', atob],
  ['btoa', btoa],
  ['decodeURIComponent', percent(decodeURIComponent, true)],
  ['decodeURI', percent(decodeURI, true)],
  ['unescape', percent(percentUnescape, true)],
  ['encodeURIComponent', percent(encodeURIComponent, false)],
  ['encodeURI', percent(encodeURI, false)],
  [
    'escape',
    percent(
      (value) => value.replace(/[^\w@*+./-]/g, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`),
      false,
    ),
  ],
  ['querystring.escape', percent(encodeURIComponent, false)],
  ['querystring.unescape', percent(decodeURIComponent, true)],
  [
    'TextDecoder',
    (_I, call) => {
      const decoder = new Obj('TextDecoder');
      decoder.props.set('encoding', call.args[0] ?? prim('utf-8'));
      return decoder;
    },
  ],
  ['TextEncoder', () => new Obj('TextEncoder')],
  [
    'TextDecoder#decode',
    (_I, call) => {
      const bytes = bytesOf(call.args[0]);
      const as = call.self instanceof Obj ? call.self.props.get('encoding') : undefined;
      const taints = argumentTaints(call.args);
      if (bytes !== null)
        return prim(Buffer.from(bytes).toString(encoding(as?.kind === 'accessor' ? undefined : as)), taints, true);
      const shown = knownText(call.args[0]);
      return shown === null ? unknown(taints) : text(shown, taints);
    },
  ],
  [
    'TextEncoder#encode',
    (_I, call) => new Bytes(bytesOf(call.args[0]), knownText(call.args[0]), argumentTaints(call.args)),
  ],
  ['StringDecoder', () => new Obj('TextDecoder')],
  ...(['gunzip', 'unzip', 'inflate', 'inflateRaw', 'brotliDecompress'] as const).flatMap((name): [string, Model][] => {
    const run = {
      gunzip: gunzipSync,
      unzip: unzipSync,
      inflate: inflateSync,
      inflateRaw: inflateRawSync,
      brotliDecompress: brotliDecompressSync,
    }[name];
    return [
      [`zlib.${name}`, inflated(run as never)],
      [`zlib.${name}Sync`, inflated(run as never)],
    ];
  }),
  ['pako.inflate', inflated(inflateSync as never)],
  ['pako.ungzip', inflated(gunzipSync as never)],
  ...DECIPHERS.map((path): [string, Model] => [path, createDecipher]),
  ...ENCIPHERS.map((path): [string, Model] => [path, createCipher]),
  ...DIGESTS.map((path): [string, Model] => [path, hash]),
  ...[...CIPHERS, ...DIGESTS].flatMap((path): [string, Model][] => [
    [`${path}().update`, update],
    [`${path}().final`, final],
    [`${path}().digest`, final],
    [`${path}().setAuthTag`, (_I, call) => call.self],
    [`${path}().setAutoPadding`, (_I, call) => call.self],
  ]),
  ['crypto.scryptSync', derive],
  ['crypto.pbkdf2Sync', derive],
];
