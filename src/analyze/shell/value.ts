import type { Taint } from '../observation.js';
import { HOLE } from '../task.js';

/** What a shell word or an output is: text with holes, and what it carries. */
export interface ShellValue {
  text: string;
  taints: Taint[];
  /** Put together or decoded by the script. */
  decoded: boolean;
}

export const EMPTY: ShellValue = { text: '', taints: [], decoded: false };

/** A value of which nothing is known but what it carries. */
export function unknown(taints: Taint[]): ShellValue {
  return { text: HOLE, taints, decoded: false };
}

export function constant(text: string, decoded = false): ShellValue {
  return { text, taints: [], decoded };
}

export function isConstant(value: ShellValue): boolean {
  return !value.text.includes(HOLE);
}

export function concat(values: readonly ShellValue[], between = ''): ShellValue {
  return {
    text: values.map((value) => value.text).join(between),
    taints: mergeTaints(values.flatMap((value) => value.taints)),
    decoded: values.some((value) => value.decoded),
  };
}

/** The parts of one word: behind a host in plain sight nothing hides where an address leads. */
export function wordOf(parts: readonly ShellValue[]): ShellValue {
  const word = concat(parts);
  if (!word.decoded) return word;
  const first = parts.findIndex((part) => part.decoded);
  const before = parts
    .slice(0, first)
    .map((part) => part.text)
    .join('');
  return SHOWN_HOST.test(before) ? { ...word, decoded: false } : word;
}

const SHOWN_HOST = /^["']?https?:\/\/[\w.-]+(?::\d+)?\//i;

/** The same value after a transformation that hides it: base64, gzip, a cipher. */
export function through(value: ShellValue, name: string): ShellValue {
  return {
    text: HOLE,
    decoded: value.decoded,
    taints: value.taints.map((taint) => ({ ...taint, through: [...taint.through, name].slice(-8) })),
  };
}

export function mergeTaints(taints: readonly Taint[]): Taint[] {
  const seen = new Map<string, Taint>();
  for (const taint of taints) {
    const key = `${taint.source}\0${taint.detail}\0${taint.line}\0${taint.through.join()}`;
    if (!seen.has(key)) seen.set(key, taint);
  }
  return [...seen.values()].slice(0, 24);
}
