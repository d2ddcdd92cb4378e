import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, Bytes, knownText, tainted, unknown, type Value } from '../interpreter/value.js';
import { argumentFact, observe } from '../outside/observe.js';
import { digestOfRecord } from './implicit-flows.js';
import { deepTaints } from './inner-taints.js';
import { type Flow, joinTaints, transformed } from './taint.js';

/** What a digest looks like where it stands in code. */
const DIGEST = /^(?:[0-9a-f]{16,128}|[A-Za-z0-9+/_-]{22,88}={0,2})$/i;

const kept = new WeakSet<t.Node>();

/** Whoever keeps the bytes that come out, one by one, enciphers or pads something and compares nothing. */
export function keptBytes({ left, right }: t.AssignmentExpression): void {
  if (left.type === 'MemberExpression' && left.computed && right.type === 'BinaryExpression') kept.add(right);
}

/** A digest of what somebody gave is compared with a value of the code: told, and marked on what comes out of it. */
export function throughDoor(
  I: Interpreter,
  left: Value,
  right: Value,
  result: Value,
  node: t.BinaryExpression,
  frame: Frame,
): Value {
  if ((left.taints === null && right.taints === null) || kept.has(node)) return result;
  const { operator } = node;
  if (operator !== '^' && (isCheckOf(left, right) || isCheckOf(right, left))) {
    const args = [argumentFact(I, left), argumentFact(I, right)];
    const taints = joinTaints(left.taints, right.taints);
    observe(I, { sink: 'compare', api: operator, target: null, args, taints, node, frame });
    return result;
  }
  const record = operator === '^' ? undefined : throughRecord(I, left, right, node, frame);
  if (record !== undefined) return marked(I, result, node, frame);
  const fixed =
    operator !== '^'
      ? [isDigestOf(left, right), isDigestOf(right, left)]
      : [isOfTable(left, node.left), isOfTable(right, node.right)];
  if (!(fixed[1] && hashed(left)) && !(fixed[0] && hashed(right))) return result;
  const taints = joinTaints(left.taints, right.taints);
  const args = [left, right].map((each, at) => ({ ...argumentFact(I, each), constant: fixed[at] === true }));
  observe(I, { sink: 'compare', api: operator, target: null, args, taints, node, frame });
  return opensFor(left) || opensFor(right) ? marked(I, result, node, frame) : result;
}

/** The digest is compared with the one of a record that the author put into the code. */
function throughRecord(
  I: Interpreter,
  left: Value,
  right: Value,
  node: t.BinaryExpression,
  frame: Frame,
): Value | undefined {
  const record = digestOfRecord(right) ?? digestOfRecord(left);
  if (record === undefined) return undefined;
  const given = digestOfRecord(right) === undefined ? right : left;
  if (!opensFor(given)) return undefined;
  const args = [
    { ...argumentFact(I, given), constant: false },
    { ...argumentFact(I, record), constant: true },
  ];
  const taints = joinTaints(left.taints, right.taints);
  observe(I, { sink: 'compare', api: node.operator, target: null, args, taints, node, frame });
  return record;
}

const VERIFIES = /^(?:bcrypt(?:js|-ts)?|@?[\w-]*\/?(?:argon2|bcrypt))(?:\.default)?\.(?:compare|verify)(?:Sync)?$/;

/** `bcrypt.compare(password, RECORDS[name])` */
export function throughVerifier(
  I: Interpreter,
  path: string,
  args: readonly Value[],
  at: Omit<PartCall, 'path'>,
): void {
  if (!VERIFIES.test(path)) return;
  const record = args.map(digestOfRecord).find((each) => each !== undefined);
  const given = args.find((each) => digestOfRecord(each) === undefined);
  if (record === undefined || given === undefined) return;
  const taints = transformed(deepTaints(given, 1), 'hash', I.at(at.node, at.frame.file, 'step', `hash: ${path}`));
  const shown = [unknown(taints), record].map((each, place) => ({ ...argumentFact(I, each), constant: place === 1 }));
  observe(I, { sink: 'compare', api: path, target: null, args: shown, taints, node: at.node, frame: at.frame });
}

/** A part of a digest that stands in code, and no word: nobody meets it by chance. Zeros in front are the work of a puzzle. */
const PART_OF_DIGEST =
  /^(?!(.)\1*$)(?:(?=\D*\d)(?=\d*[a-f])[0-9a-f]{4,5}|(?=\D*\d)[0-9a-f]{6,64}|(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9+/_-]{6,88}={0,2})$/;

/** `digest.startsWith('3b5fc0')`, `/^3b5fc0/.test(digest)`: the same for a part of a digest; undefined where it is none. */
export function throughPart(I: Interpreter, digest: Value, part: Value, call: PartCall): Value | undefined {
  if (!isPart(part) || !hashed(digest)) return undefined;
  const taints = deepTaints(digest, 1);
  const { path, node, frame } = call;
  const args = [{ ...argumentFact(I, digest), constant: false }, argumentFact(I, part)];
  observe(I, { sink: 'compare', api: path, target: null, args, taints, node, frame });
  const result = unknown(taints);
  return opensFor(digest) ? marked(I, result, node, frame) : result;
}

interface PartCall {
  path: string;
  node: t.Node | null;
  frame: Frame;
}

/** The same for functions that compare. */
export function throughComparison(
  I: Interpreter,
  args: readonly Value[],
  result: Value,
  node: t.Node | null,
  frame: Frame,
): Value {
  const isDoor = args.some(isConstant) && args.some(opensFor);
  return isDoor ? marked(I, result, node, frame) : result;
}

function marked(I: Interpreter, result: Value, node: t.Node | null, frame: Frame): Value {
  return tainted(result, I.source('mark.door', 'a digest', node, frame.file));
}

function isDigest(value: Value): boolean {
  const shown = value.kind === 'prim' ? knownText(value) : null;
  return shown !== null && DIGEST.test(shown);
}

/** A digest, or a part of one that is compared with something hashed. */
function isDigestOf(value: Value, other: Value): boolean {
  return isDigest(value) || (isPart(value) && hashed(other));
}

function isPart(value: Value): boolean {
  if (value.kind !== 'prim' || value.taints !== null) return false;
  return typeof value.value === 'number' ? value.value > 0xffff : PART_OF_DIGEST.test(String(value.value));
}

/** A number of the code, or one of a table of the code. */
function isOfTable(value: Value, node: t.Node): boolean {
  if (value.taints !== null) return false;
  const isLookup = node.type === 'MemberExpression' && node.computed;
  if (value.kind === 'unknown') return isLookup;
  // `crc ^ 0xffffffff` turns all bits around.
  const isByte = node.type === 'NumericLiteral' && node.value <= 0xff;
  return (
    (isLookup || isByte) && alternatives(value).every((each) => each.kind === 'prim' && typeof each.value === 'number')
  );
}

function isConstant(value: Value): boolean {
  return value instanceof Bytes ? value.bytes !== null && value.bytes.length >= 8 : isDigest(value);
}

function hashed(value: Value): boolean {
  return deepTaints(value, 1)?.some(isHashOfGiven) ?? false;
}

/** The digest is of a word that somebody says to get in, not of a file whose sum is checked. */
function opensFor(value: Value): boolean {
  return deepTaints(value, 1)?.some((flow) => isHashOfGiven(flow) && isWord(flow)) ?? false;
}

/** The digest of what a host answered has to be the one that a caller names. */
function isCheckOf(answer: Value, named: Value): boolean {
  return (
    (answer.taints?.some(({ source, through }) => source === 'net.response' && through.includes('hash')) ?? false) &&
    (named.taints?.some(({ source, through }) => /^(?:param|given)/.test(source) && !through.includes('hash')) ?? false)
  );
}

function isHashOfGiven({ source, through }: Flow): boolean {
  return through.includes('hash') && /^(?:param|given|input\.request|argv)/.test(source);
}

function isWord({ source, detail }: Flow): boolean {
  return /^(?:input\.request|param\.(?:secret|password|credential))/.test(source) || WORD.test(detail);
}

const WORD =
  /of a request handler$|^(?:req|request|ctx|header|cookie)s?\b|pass|pwd|secret|phrase|token|(?:^|_|api)key$|^code$|^pin$/i;
