import { createDecipheriv, createHash, createHmac, getCiphers, pbkdf2Sync, scryptSync } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, unzipSync } from 'node:zlib';
import type { Call, Model } from '../api-calls.js';
import { callFunction } from '../calls.js';
import type { Interpreter } from '../interpreter.js';
import { iterate } from '../iteration.js';
import { throwTypeError } from '../properties.js';
import { joinTaints, type Taints, transformed } from '../taint.js';
import {
  Api,
  Bytes,
  constantNumber,
  constantText,
  deepTaints,
  HOLE,
  knownText,
  Obj,
  prim,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../value.js';
import { argumentTaints } from '../world.js';
import { ARRAYS } from './arrays.js';

const ENCODINGS = new Set([
  'utf8',
  'utf-8',
  'hex',
  'base64',
  'base64url',
  'ascii',
  'latin1',
  'binary',
  'utf16le',
  'utf-16le',
  'ucs2',
  'ucs-2',
]);
const MAX_BYTES = 16_000_000;

function encoding(value: Value | undefined): BufferEncoding {
  const name = (constantText(value) ?? 'utf8').toLowerCase();
  return (ENCODINGS.has(name) ? name : 'utf8') as BufferEncoding;
}

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

function step(I: Interpreter, call: Call, taints: Taints, through: string): Taints {
  return transformed(taints, through, I.at(call.node, call.frame.file, 'step', through));
}

const from: Model = (I, call) => {
  const [source, how] = call.args;
  const as = encoding(how);
  const named = as === 'base64' || as === 'base64url' || as === 'hex';
  const value = source?.kind === 'union' ? source.alternatives.find((each) => constantText(each) !== null) : source;
  if (value?.kind === 'prim' && typeof value.value === 'number')
    return new Bytes(new Uint8Array(Math.min(value.value, MAX_BYTES)), null, null);
  const base = source === undefined ? null : deepTaints(source, 2);
  const taints = named ? step(I, call, base, as === 'hex' ? 'hex' : 'base64') : base;
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

const concat: Model = (I, call) => {
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

const atob: Model = (I, call) => {
  const value = constantText(call.args[0]);
  const taints = step(I, call, argumentTaints(call.args), 'base64');
  return value === null
    ? unknown(taints)
    : prim(Buffer.from(value.replace(/\s/g, ''), 'base64').toString('latin1'), taints, true);
};

const btoa: Model = (I, call) => {
  const value = constantText(call.args[0]);
  const taints = step(I, call, argumentTaints(call.args), 'base64');
  return value === null ? unknown(taints) : prim(Buffer.from(value, 'latin1').toString('base64'), taints, false);
};

function percent(run: (value: string) => string, decodes: boolean): Model {
  return (I, call) => {
    const value = call.args[0];
    const shown = constantText(value) ?? (value?.kind === 'prim' ? String(value.value) : null);
    const taints = decodes ? argumentTaints(call.args) : step(I, call, argumentTaints(call.args), 'querystring');
    if (shown === null) return value?.kind === 'text' ? text(value.text, taints) : unknown(taints);
    try {
      return prim(run(shown), taints, decodes && shown.includes('%'));
    } catch {
      throwTypeError(I, 'URI malformed');
    }
  };
}

function percentUnescape(value: string): string {
  return value.replace(
    /%u([0-9a-f]{4})|%([0-9a-f]{2})/gi,
    (_whole, wide: string | undefined, narrow: string | undefined) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? '0', 16)),
  );
}

function inflated(run: (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer): Model {
  return (I, call) => {
    const bytes = bytesOf(call.args[0]);
    const taints = step(I, call, argumentTaints(call.args.slice(0, 1)), 'zlib');
    let result: Value = unknown(taints);
    if (bytes !== null) {
      try {
        result = new Bytes(Uint8Array.from(run(bytes, { maxOutputLength: MAX_BYTES })), null, taints);
      } catch {
        I.mayThrow++;
      }
    }
    const done = call.args.find((each) => each.kind === 'func');
    if (done !== undefined) {
      I.later(() => callFunction(I, done, UNDEFINED, [prim(null), result], call.node, call.frame));
      return UNDEFINED;
    }
    return result;
  };
}

/** A decipher, hash or hmac whose inputs are known so far; our own node:crypto does the work. */
class Digest extends Api {
  readonly chunks: Uint8Array[] = [];
  known = true;
  readonly finish: (data: Uint8Array) => Uint8Array;
  readonly through: string;
  constructor(path: string, through: string, finish: (data: Uint8Array) => Uint8Array) {
    super(path);
    this.finish = finish;
    this.through = through;
  }
}

const createDecipher: Model = (_I, call) => {
  const algorithm = constantText(call.args[0])?.toLowerCase();
  const [key, iv] = [
    bytesOf(call.args[1]),
    call.args[2]?.kind === 'prim' && call.args[2].value === null ? null : bytesOf(call.args[2]),
  ];
  if (algorithm === undefined || key === null || !getCiphers().includes(algorithm)) return undefined;
  const digest = new Digest(`${call.path}()`, 'cipher', (data) => {
    const decipher = createDecipheriv(algorithm, key, iv);
    decipher.setAutoPadding(true);
    const head = decipher.update(data);
    try {
      return Buffer.concat([head, decipher.final()]);
    } catch {
      return head;
    }
  });
  digest.taints = argumentTaints(call.args);
  return digest;
};

const update: Model = (I, call) => {
  const [data, inputEncoding, outputEncoding] = call.args;
  const taints = argumentTaints(call.args);
  if (!(call.self instanceof Digest)) {
    if (call.self instanceof Obj)
      call.self.taints = joinTaints(
        call.self.taints,
        step(I, call, taints, call.path.includes('ash') || call.path.includes('mac') ? 'hash' : 'cipher'),
      );
    return call.path.includes('ipher') ? unknown(call.self.taints) : call.self;
  }
  const digest = call.self;
  digest.taints = joinTaints(digest.taints, step(I, call, taints, digest.through));
  const bytes = bytesOf(data, encoding(inputEncoding));
  if (bytes === null) digest.known = false;
  else digest.chunks.push(bytes);
  if (digest.through === 'hash') return digest;
  // The whole plaintext comes with update, so that `update(a) + final()` and `concat([update, final])` both give it once.
  return finished(digest, outputEncoding);
};

function finished(digest: Digest, as: Value | undefined): Value {
  if (!digest.known) return unknown(digest.taints);
  try {
    const out = digest.finish(Buffer.concat(digest.chunks));
    digest.chunks.length = 0;
    return as?.kind === 'prim' && typeof as.value === 'string'
      ? prim(Buffer.from(out).toString(encoding(as)), digest.taints, true)
      : new Bytes(Uint8Array.from(out), null, digest.taints);
  } catch {
    return unknown(digest.taints);
  }
}

const final: Model = (_I, call) => {
  if (!(call.self instanceof Digest)) return unknown(call.self.taints);
  if (call.self.through === 'hash') return finished(call.self, call.args[0]);
  return call.args[0] === undefined ? new Bytes(new Uint8Array(0), null, null) : prim('');
};

const hash: Model = (_I, call) => {
  const algorithm = constantText(call.args[0]);
  const key = call.path.includes('Hmac') ? bytesOf(call.args[1]) : new Uint8Array(0);
  if (algorithm === null || key === null) return undefined;
  return new Digest(`${call.path}()`, 'hash', (data) =>
    call.path.includes('Hmac')
      ? createHmac(algorithm, key).update(data).digest()
      : createHash(algorithm).update(data).digest(),
  );
};

function derive(I: Interpreter, call: Call): Value | undefined {
  const [password, salt] = [bytesOf(call.args[0]), bytesOf(call.args[1])];
  if (password === null || salt === null) return undefined;
  try {
    if (call.path === 'crypto.scryptSync') {
      return new Bytes(
        Uint8Array.from(scryptSync(password, salt, Math.min(constantNumber(call.args[2]) ?? 32, 256))),
        null,
        null,
      );
    }
    const rounds = constantNumber(call.args[2]) ?? 1;
    if (rounds > 300_000) return undefined;
    return new Bytes(
      Uint8Array.from(
        pbkdf2Sync(
          password,
          salt,
          rounds,
          Math.min(constantNumber(call.args[3]) ?? 32, 256),
          constantText(call.args[4]) ?? 'sha1',
        ),
      ),
      null,
      null,
    );
  } catch {
    I.mayThrow++;
    return undefined;
  }
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

const DIGESTS = ['crypto.createHash', 'crypto.createHmac'];
const DECIPHERS = ['crypto.createDecipheriv'];
const CIPHERS = [...DECIPHERS, 'crypto.createCipheriv', 'crypto.createCipher', 'crypto.createDecipher'];

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
  ...[
    'Uint8Array',
    'Uint8ClampedArray',
    'Uint16Array',
    'Uint32Array',
    'Int8Array',
    'Int32Array',
    'ArrayBuffer',
    'SharedArrayBuffer',
    'DataView',
  ].map((name): [string, Model] => [name, typedArray]),
  [
    'Uint8Array.from',
    (I, call) => {
      const [source, fn] = call.args;
      let items = iterate(I, source ?? UNDEFINED, call.frame);
      if (fn !== undefined)
        items = items.map((each, index) => callFunction(I, fn, UNDEFINED, [each, prim(index)], call.node, call.frame));
      return new Bytes(bytesOf(I.array([...items])), null, argumentTaints(call.args));
    },
  ],
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
