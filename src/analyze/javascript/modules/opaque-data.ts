import { Obj, prim, type Value } from '../interpreter/value.js';
import { sourceFlow, type Taints } from '../taint/taint.js';

const DEEPEST = 6;
const MOST_VALUES = 20_000;
const LONG_LIST = 24;
/** A list of numbers, codes or colours, or a text without words: whatever it says, it says it to a program. */
const OPAQUE_TEXT = /[^\s"\\]{160}|(?:"?#?[\da-fx]{1,8}"?,\s*){23}/i;
const CODE = /^#?(?:0x)?[\da-f]{1,8}$/i;
const LONG_WORD = /^[^\s"'(){};]{160,}$/;

/**
 * Lists of codes and long words in a JSON file of the package are known to come from there, so that a program which makes code of them is
 * seen to, also where it is not known which of them it takes. Everything else in such a file is as good as written in the code.
 */
export function markOpaqueData(value: Value, text: string, path: string): Value {
  if (!OPAQUE_TEXT.test(text)) return value;
  const step = { role: 'source' as const, file: path, line: 1, column: 0, note: `file.own: ${path}` };
  return marked(value, sourceFlow('file.own', `./${path}`, step), { values: MOST_VALUES }, 0);
}

function marked(value: Value, taints: Taints, left: { values: number }, depth: number): Value {
  if (--left.values < 0 || depth > DEEPEST) return value;
  if (value.kind === 'prim')
    return typeof value.value === 'string' && LONG_WORD.test(value.value) ? prim(value.value, taints) : value;
  if (!(value instanceof Obj)) return value;
  if (value.elements !== null) {
    const isList = value.elements.length >= LONG_LIST && value.elements.every(isCode);
    value.elements = value.elements.map((each) =>
      isList && each.kind === 'prim' ? prim(each.value, taints) : marked(each, taints, left, depth + 1),
    );
  }
  for (const [key, slot] of value.props)
    if (slot.kind !== 'accessor') value.props.set(key, marked(slot, taints, left, depth + 1));
  return value;
}

function isCode(value: Value): boolean {
  return value.kind === 'prim' && (typeof value.value === 'number' || CODE.test(String(value.value)));
}
