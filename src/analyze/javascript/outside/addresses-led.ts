import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, isUnknown, Pattern, prim, tainted, type Value } from '../interpreter/value.js';
import { type Flow, joinTaints, sourceFlow, type Taints } from '../taint/taint.js';
import { isSomebodys, looksForAddresses } from './address-swaps.js';

/**
 * Addresses of the code that are taken where what somebody gave looks like an address, and what was given otherwise: the same as a
 * replacement in a text, value by value, `const hit = TABLE.find(([shape]) => shape.test(value)); return hit ? hit[1] : value`.
 */

const SHAPE = 'mark.address';
const KIND = 'address';
const GIVEN = /^(?:param|given|input|secret\.clipboard|net\.response|file\.other|stdin)\b/;
const LONGEST_TEXT = 120;

/** The answer of a test whether something looks like an address, marked as that. */
export function shapeAsked(
  I: Interpreter,
  pattern: Value | null | undefined,
  asked: Value | undefined,
  answer: Value,
  node: t.Node | null,
  frame: Frame,
): Value {
  if (!(pattern instanceof Pattern) || asked === undefined || !looksForAddresses(pattern)) return answer;
  const subjects = (asked.taints ?? []).filter(({ source }) => GIVEN.test(source));
  if (subjects.length === 0) return answer;
  for (const each of subjects) I.testedShapes.add(keyOf(each));
  return tainted(answer, sourceFlow(SHAPE, 'asked', I.at(node, frame.file, 'guard', 'looks like an address')));
}

function keyOf({ source, detail }: Flow): string {
  return `${source} ${detail}`;
}

/** What is given back or kept where such a test has held: addresses of the code, marked. */
export function ledByGuards(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  if (I.testedShapes.size === 0 || !hasAddress(value) || !isHere(I, frame)) return value;
  return marked(I, value, node, frame);
}

/** What one way of a choice gives: the first where the test held, the second where it did not. */
export function ledByTest(I: Interpreter, value: Value, test: Value, node: t.Node, held: boolean, frame: Frame): Value {
  if (I.testedShapes.size === 0 || !isMarked(test.taints) || !hasAddress(value)) return value;
  return isPositive(I.loader.excerpt(frame.file, node)) === held ? marked(I, value, node, frame) : value;
}

/** What a table holds under a name that stands for such a test: `OWN[kindOf(value)]`. */
export function ledByKey(I: Interpreter, value: Value, key: Value, node: t.Node, frame: Frame): Value {
  if (I.testedShapes.size === 0 || !isMarked(key.taints) || !hasAddress(value)) return value;
  return marked(I, value, node, frame);
}

/** Tells where a value is what somebody gave, or where that looks like an address, one of the code. */
export function addressLed(I: Interpreter, value: Value, node: t.Node, frame: Frame): void {
  if (I.testedShapes.size === 0 || value.kind !== 'union') return;
  const address = value.alternatives.find((each) => isMarked(each.taints) && isAddress(each));
  if (address === undefined) return;
  const isGiven = value.alternatives.some((each) => isUnknown(each) && wasAsked(I, each.taints));
  if (isGiven) tell(I, address, node, frame);
}

/** `if (SHAPE.test(body[key])) body[key] = ADDRESS`: what was there is what was asked about. */
export function addressWritten(I: Interpreter, value: Value, left: t.Node, frame: Frame): void {
  if (I.testedShapes.size === 0 || !isHere(I, frame)) return;
  const address = alternatives(value).find(isAddress);
  if (address === undefined) return;
  const name = I.loader.excerpt(frame.file, left);
  if (name.length > LONGEST_TEXT) return;
  if (conditions(I, frame).some(({ text }) => isAskedAbout(text, name))) tell(I, address, left, frame);
}

/** Whether what has that name is what a condition hands to a test, `SHAPE.test(tx.to)`, or looks into, `tx.to.match(SHAPE)`. */
function isAskedAbout(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const after = text.slice(at + name.length);
    if (/^\??\.(?:match|search)\(/.test(after)) return true;
    if (/\w\(\s*$/.test(text.slice(0, at)) && /^\s*[,)]/.test(after)) return true;
  }
  return false;
}

function tell(I: Interpreter, address: Value, node: t.Node, frame: Frame): void {
  const detail = `what looks like an address becomes ${address.kind === 'prim' ? String(address.value) : ''}`;
  I.fact('address-swapped', detail, frame.file, node.loc?.start.line ?? 1, [I.at(node, frame.file, 'sink', detail)]);
}

function marked(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  const mark = sourceFlow(SHAPE, 'taken', I.at(node, frame.file, 'step', 'taken for what looks like an address'));
  if (value.kind === 'union')
    return {
      ...value,
      alternatives: value.alternatives.map((each) => (isAddress(each) ? withMark(each, mark) : each)),
    };
  return withMark(value, mark);
}

function withMark(value: Value, mark: Taints): Value {
  return value.kind === 'prim' ? prim(value.value, joinTaints(value.taints, mark), value.decoded) : value;
}

function hasAddress(value: Value): boolean {
  return value.kind === 'union' ? value.alternatives.some(isAddress) : isAddress(value);
}

function isAddress(value: Value): boolean {
  return value.kind === 'prim' && typeof value.value === 'string' && isSomebodys(value.value);
}

function isMarked(taints: Taints): boolean {
  return taints?.some(({ source }) => source === SHAPE) === true;
}

function wasAsked(I: Interpreter, taints: Taints): boolean {
  return taints?.some((flow) => I.testedShapes.has(keyOf(flow))) === true;
}

function conditions(I: Interpreter, frame: Frame): Interpreter['guards'] {
  return I.guards.slice(frame.guardsOutside).filter(({ kind, text }) => kind === KIND && isPositive(text));
}

function isHere(I: Interpreter, frame: Frame): boolean {
  return I.guards.length > frame.guardsOutside && conditions(I, frame).length > 0;
}

/** Whether a condition says that the test held: `SHAPE.test(x)`, `not (!SHAPE.test(x))`. */
function isPositive(text: string): boolean {
  const bare = text.replace(/^not \((.*)\)$/s, '!$1');
  const signs = /^[!\s(]*/.exec(bare)?.[0] ?? '';
  const isNot = (signs.match(/!/g)?.length ?? 0) % 2 === 1;
  const isNone = /(?:(?<!!)={2,3}\s*(?:null|undefined|false|-1)|<\s*0)\)*$/.test(bare);
  return isNot === isNone;
}
