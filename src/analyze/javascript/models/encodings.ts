import type { Interpreter } from '../interpreter/interpreter.js';
import { throwTypeError } from '../interpreter/properties.js';
import { constantText, prim, text, unknown, type Value } from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import type { Call, Model } from '../outside/api-calls.js';
import { decodedFrom, type Taints, transformed } from '../taint/taint.js';

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

/** The encoding that an argument names; UTF-8 by default. */
export function encoding(value: Value | undefined): BufferEncoding {
  const name = (constantText(value) ?? 'utf8').toLowerCase();
  return (ENCODINGS.has(name) ? name : 'utf8') as BufferEncoding;
}

/** Taints after a transformation at the place of a call. */
export function step(I: Interpreter, call: Call, taints: Taints, through: string): Taints {
  return transformed(taints, through, I.at(call.node, call.frame.file, 'step', through));
}

/** Taints after a text was decoded at the place of a call. */
export function decodingStep(I: Interpreter, call: Call, taints: Taints, through: string): Taints {
  return decodedFrom(taints, through, I.at(call.node, call.frame.file, 'step', through));
}

/** atob. */
export const atob: Model = (I, call) => {
  const value = constantText(call.args[0]);
  const taints = decodingStep(I, call, argumentTaints(call.args), 'base64');
  return value === null
    ? unknown(taints)
    : prim(Buffer.from(value.replace(/\s/g, ''), 'base64').toString('latin1'), taints, true);
};

/** btoa. */
export const btoa: Model = (I, call) => {
  const value = constantText(call.args[0]);
  const taints = step(I, call, argumentTaints(call.args), 'base64');
  return value === null ? unknown(taints) : prim(Buffer.from(value, 'latin1').toString('base64'), taints, false);
};

/** Percent encoding and decoding; malformed input throws as in the language. */
export function percent(run: (value: string) => string, decodes: boolean): Model {
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

/** `unescape`, wide escapes included. */
export function percentUnescape(value: string): string {
  return value.replace(
    /%u([0-9a-f]{4})|%([0-9a-f]{2})/gi,
    (_whole, wide: string | undefined, narrow: string | undefined) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? '0', 16)),
  );
}
