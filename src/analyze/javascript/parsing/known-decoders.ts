import { constantText, type Primitive, prim, type Value } from '../interpreter/value.js';

/**
 * Decoders that obfuscators carry along, done by our own implementation. A function of the sample is recognised by what
 * it does: when one of ours gives the same answers on its first calls, ours takes over, and is checked again now and then.
 */
type Decoder = (data: string, key: string | null) => string;

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SWAPPED = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/';

function base64(alphabet: string): (data: string) => string {
  const values = new Map([...alphabet].map((each, index) => [each, index]));
  return (data) => {
    let out = '';
    let bits = 0;
    let count = 0;
    for (const each of data) {
      const value = values.get(each);
      if (value === undefined) continue;
      bits = ((bits << 6) | value) & 0xffffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        out += String.fromCharCode((bits >> count) & 255);
      }
    }
    return out;
  };
}

function utf8(bytes: string): string {
  return decodeURIComponent([...bytes].map((each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
}

function rc4(data: string, key: string): string {
  if (key === '') throw new RangeError('empty key');
  const state = Array.from({ length: 256 }, (_, index) => index);
  for (let index = 0, other = 0; index < 256; index++) {
    other = (other + (state[index] as number) + key.charCodeAt(index % key.length)) % 256;
    [state[index], state[other]] = [state[other] as number, state[index] as number];
  }
  let out = '';
  for (let at = 0, index = 0, other = 0; at < data.length; at++) {
    index = (index + 1) % 256;
    other = (other + (state[index] as number)) % 256;
    [state[index], state[other]] = [state[other] as number, state[index] as number];
    out += String.fromCharCode(
      data.charCodeAt(at) ^ (state[((state[index] as number) + (state[other] as number)) % 256] as number),
    );
  }
  return out;
}

function xor(data: string, key: string): string {
  if (key === '') throw new RangeError('empty key');
  let out = '';
  for (let at = 0; at < data.length; at++)
    out += String.fromCharCode(data.charCodeAt(at) ^ key.charCodeAt(at % key.length));
  return out;
}

const swapped = base64(SWAPPED);
const standard = base64(STANDARD);
const CANDIDATES: readonly Decoder[] = [
  (data, key) => rc4(utf8(swapped(data)), key ?? ''),
  (data, key) => rc4(utf8(standard(data)), key ?? ''),
  (data, key) => rc4(swapped(data), key ?? ''),
  (data, key) => rc4(standard(data), key ?? ''),
  (data, key) => rc4(data, key ?? ''),
  (data, key) => xor(data, key ?? ''),
  (data, key) => xor(standard(data), key ?? ''),
  (data) => utf8(swapped(data)),
  (data) => utf8(standard(data)),
  (data) => swapped(data),
  (data) => standard(data),
];

const PROOFS = 2;
const CHECK_EVERY = 32;
const WORTH_STEPS = 600;

/** What is known of one function: which decoder it agreed with so far. */
export interface DecoderProof {
  candidates: Decoder[] | null;
  agreed: number;
  calls: number;
}

/** A fresh proof. */
export function newProof(): DecoderProof {
  return { candidates: null, agreed: 0, calls: 0 };
}

function texts(args: readonly Value[]): [string, string | null] | null {
  const data = constantText(args[0]);
  if (data === null || data.length === 0 || args.length > 2) return null;
  const key = args[1] === undefined ? null : constantText(args[1]);
  return args[1] !== undefined && key === null && !(args[1].kind === 'prim' && args[1].value === undefined)
    ? null
    : [data, key];
}

/** The result by our own decoder, when the function has proved to be one. */
export function byKnownDecoder(proof: DecoderProof, args: readonly Value[]): Value | null {
  if (proof.agreed < PROOFS || proof.candidates === null) return null;
  const given = texts(args);
  const decoder = proof.candidates[0];
  if (given === null || decoder === undefined || ++proof.calls % CHECK_EVERY === 0) return null;
  const taints = args[0]?.taints ?? null;
  const result = tried(decoder, given);
  return result === null ? null : prim(result, taints, true);
}

/** Compares what the function gave with what our decoders give. */
export function learnDecoder(proof: DecoderProof, args: readonly Value[], result: Primitive, steps: number): void {
  const given = texts(args);
  if (given === null || typeof result !== 'string' || steps < WORTH_STEPS) return;
  const left = (proof.candidates ?? CANDIDATES).filter((decoder) => tried(decoder, given) === result);
  proof.candidates = left;
  proof.agreed = left.length === 0 ? 0 : proof.agreed + (result.length > 2 ? 1 : 0);
}

function tried(decoder: Decoder, given: readonly [string, string | null]): string | null {
  try {
    return decoder(...given);
  } catch {
    return null;
  }
}
