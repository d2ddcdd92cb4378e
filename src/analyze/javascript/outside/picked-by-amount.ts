import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Obj, type Value } from '../interpreter/value.js';
import { addressOf, hasMark, withMark } from './address-marks.js';

/** Addresses that are taken where a payment is large, at some hour, or by chance: nobody's default, and no option. */

const MARK = 'mark.by-amount';
const SHORTEST = 25;
const LONGEST = 100;
const LONGEST_TEST = 300;

const AMOUNT = String.raw`(?:amount|amt|value|total|sum|sats?|satoshis?|wei|gwei|lamports|sun|drops|units?|qty|quantity|ether|coins?)`;
const COMPARES = new RegExp(
  String.raw`(?:^|[^\w$])[\w$.#]*${AMOUNT}\b\)*\s*[<>](?!=?\s*0n?\b(?!\.))|(?<!=)[<>]=?\s*\(?\s*(?:[\w$.#]+\(\s*)?[\w$.#]*${AMOUNT}\b(?!\s*[<>=])|\bMath\.random\(\)\s*[<>]|\.get(?:UTC)?(?:Hours|Day|Date|Month|Minutes)\(\)|\bDate\.now\(\)\s*[<>]|\)\s*[<>]=?\s*[\w$.(]*parse(?:Ether|Units)\(|%\s*\d+n?\s*={2,3}`,
  'i',
);
/** Whether anything was given, and lengths of texts. */
const OF_FORM = /\.length\b|\btypeof\b/;
const NAMED = /^!?\s*(?:this\.|\w+\.)?([\w$]+)\s*(?:\(|$)/;

function isByAmount(I: Interpreter, test: string, file: string): boolean {
  if (test.length > LONGEST_TEST) return false;
  if (COMPARES.test(test)) return !OF_FORM.test(test);
  const name = NAMED.exec(test)?.[1];
  if (name === undefined || name.length < 2) return false;
  const escaped = name.replaceAll('$', '\\$');
  // `const large = value > LIMIT;`, `const isLarge = (value) => …`
  const said = new RegExp(String.raw`(?<![\w$.])${escaped}\s*(?:=(?!=)|\([\w$,\s]*\)\s*\{)([^;]{1,160})`).exec(
    I.loader.text(file) ?? '',
  );
  return said !== null && COMPARES.test(said[1] ?? '') && !OF_FORM.test(said[1] ?? '');
}

function isLikeAddress(value: Value): boolean {
  const address = value.kind === 'prim' || value.kind === 'api' ? addressOf(value) : undefined;
  return (
    address?.kind === 'prim' &&
    typeof address.value === 'string' &&
    address.value.length >= SHORTEST &&
    address.value.length <= LONGEST &&
    /^\w+$/.test(address.value)
  );
}

/** What a choice gives, marked where it goes by an amount. */
export function byTest(I: Interpreter, value: Value, test: t.Node, frame: Frame): Value {
  if (!isLikeAddress(value) || !isByAmount(I, I.loader.excerpt(frame.file, test), frame.file)) return value;
  return withMark(I, value, MARK, test, frame);
}

/** What is assigned or given back where the way there goes by an amount. */
export function byGuards(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  if (I.guards.length === 0 || !isLikeAddress(value) || !isHere(I, frame)) return value;
  return withMark(I, value, MARK, node, frame);
}

function isHere(I: Interpreter, frame: Frame): boolean {
  return I.guards.slice(-3).some(({ text }) => isByAmount(I, text.replace(/^not \((.*)\)$/s, '$1'), frame.file));
}

export function isMarked(value: Value): boolean {
  return hasMark(value, MARK);
}

/** Addresses that a field got under such a condition; what it gets under the opposite one is the other choice. */
const chosen = new WeakMap<Obj, Map<string, string>>();

/** `if (value > LIMIT) tx.to = A; else tx.to = to;`: gives the address where both were written. */
export function chosenField(
  I: Interpreter,
  whose: Value,
  key: string,
  address: string | null,
  isOpen: boolean,
  frame: Frame,
): string | null {
  if (!(whose instanceof Obj) || I.guards.length === 0 || (address === null && !isOpen) || !isHere(I, frame))
    return null;
  const fields = chosen.get(whose) ?? new Map<string, string>();
  const before = fields.get(key);
  chosen.set(whose, fields);
  fields.set(key, address ?? OPEN);
  if (before === undefined || (before === OPEN) === (address === null)) return null;
  return address ?? before;
}

const OPEN = '';
