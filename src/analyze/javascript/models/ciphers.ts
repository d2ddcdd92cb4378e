import { createDecipheriv, createHash, createHmac, getCiphers, pbkdf2Sync, scryptSync } from 'node:crypto';
import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import {
  Api,
  Bytes,
  constantNumber,
  constantText,
  Obj,
  prim,
  TRUE,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints } from '../taint/taint.js';
import { bytesOf, MAX_BYTES } from './bytes.js';
import { encoding, step } from './encodings.js';

/** Inflates known bytes with a bound on the result. */
export function inflated(run: (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer): Model {
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

/** crypto.createDecipheriv with known algorithm, key and vector. */
export const createDecipher: Model = (_I, call) => {
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

/** update of ciphers and hashes. */
export const update: Model = (I, call) => {
  const [data, inputEncoding, outputEncoding] = call.args;
  const taints = argumentTaints(call.args);
  if (!(call.self instanceof Digest)) {
    if (call.self instanceof Obj) {
      const made = step(I, call, taints, call.path.includes('ash') || call.path.includes('mac') ? 'hash' : 'cipher');
      const sealed = call.self.own(CALLERS_KEY) === undefined ? made : step(I, call, made, 'callers-key');
      call.self.taints = joinTaints(call.self.taints, sealed);
    }
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

/** final of ciphers, digest of hashes. */
export const final: Model = (_I, call) => {
  if (!(call.self instanceof Digest)) return unknown(call.self.taints);
  if (call.self.through === 'hash') return finished(call.self, call.args[0]);
  return call.args[0] === undefined ? new Bytes(new Uint8Array(0), null, null) : prim('');
};

const CALLERS_KEY = '@@callers-key';

/** crypto.createCipheriv and its kin: what comes out says nothing of the key, but whether only the caller has it. */
export const createCipher: Model = (I, call) => {
  const made = withoutKey(I, call);
  if (isOfCaller(call.args[1])) made.props.set(CALLERS_KEY, TRUE);
  return made;
};

/** A key that a caller gives, for which nothing of the package stands in, be it derived or hashed first. */
function isOfCaller(key: Value | undefined): boolean {
  if (key === undefined || key.kind === 'union' || bytesOf(key) !== null) return false;
  const taints = (deepTaints(key) ?? []).filter(({ source }) => !source.startsWith('mark.'));
  return taints.length > 0 && taints.every(({ source }) => /^(?:param|given)(?:\.|$)/.test(source));
}

function withoutKey(I: Interpreter, call: Call): Api {
  const made = new Api(`${call.path}()`);
  made.depth = I.journals.depth;
  made.self = call.self;
  return made;
}

/** crypto.createHash and createHmac. */
export const hash: Model = (I, call) => {
  const algorithm = constantText(call.args[0]);
  const isKeyed = call.path.includes('Hmac');
  const key = isKeyed ? bytesOf(call.args[1]) : new Uint8Array(0);
  if (isKeyed && (algorithm === null || key === null)) return withoutKey(I, call);
  if (algorithm === null || key === null) return undefined;
  return new Digest(`${call.path}()`, 'hash', (data) =>
    call.path.includes('Hmac')
      ? createHmac(algorithm, key).update(data).digest()
      : createHash(algorithm).update(data).digest(),
  );
};

/** Keys derived from known passwords. */
export function derive(I: Interpreter, call: Call): Value | undefined {
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
