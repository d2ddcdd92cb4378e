import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import {
  Api,
  constantText,
  HOLE,
  join,
  knownText,
  Obj,
  Pattern,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { looksForAddresses, replacing } from '../outside/address-swaps.js';
import { shapeAsked } from '../outside/addresses-led.js';
import type { Model } from '../outside/api-calls.js';
import { replacedTaints } from '../outside/cmd-escape.js';
import { partReplaced } from '../outside/replaced-parts.js';
import { urlOf } from '../outside/sink-facts.js';
import { throughPart } from '../taint/doors.js';
import { deepTaints } from '../taint/inner-taints.js';
import { inName } from '../taint/random-names.js';
import { joinTaints, transformed } from '../taint/taint.js';
import { ARRAYS } from './arrays.js';

/** `toString('base64')` and friends of values of which only the taint is known. */
const toText: Model = (I, call) => {
  const name = constantText(call.args[0]);
  const base = joinTaints(deepTaints(call.self, 1), argumentTaints(call.args));
  if (name === 'base64' || name === 'base64url' || name === 'hex') {
    return unknown(
      transformed(base, name === 'hex' ? 'hex' : 'base64', I.at(call.node, call.frame.file, 'step', name)),
    );
  }
  // Digits of a radix are letters.
  return unknown(call.args[0]?.kind === 'prim' && call.args[0].value !== 10 ? inName(base) : base);
};

/** So much of the beginning of a key says which one it is, not what it is. */
const BEGINNING = 16;

/** The first few characters of a text of which only the taint is known. */
const beginning: Model = (I, call) => {
  const [from, to] = call.args;
  if (from?.kind !== 'prim' || from.value !== 0 || to?.kind !== 'prim') return undefined;
  if (typeof to.value !== 'number' || !(to.value > 0 && to.value <= BEGINNING)) return undefined;
  const step = I.at(call.node, call.frame.file, 'step', `the first ${to.value} characters`);
  return unknown(transformed(deepTaints(call.self, 1), 'beginning', step));
};

/** A digest that is asked for its beginning, its end or a part. */
const askedForPart: Model = (I, call) =>
  call.args[0] === undefined ? undefined : throughPart(I, call.self, call.args[0], call);

/** What is put into a text that is not known is worth knowing from this length on. */
const LONG_PART = 24;

/** A callback that gets parts of the receiver. */
const callWithParts: Model = (I, call) => {
  const given = joinTaints(deepTaints(call.self, 1), argumentTaints(call.args));
  const taints = replacedTaints(I, call, given);
  const part = unknown(taints);
  const by = constantText(call.args[1]);
  let out: Value = by !== null && by.length >= LONG_PART ? text(`${HOLE}${by}${HOLE}`, taints) : unknown(taints);
  for (const fn of call.args) {
    if (fn.kind !== 'func') continue;
    const way = replacing(I, call.args[0], () =>
      I.branch(() => callFunction(I, fn, UNDEFINED, [part, part, part], call.node, call.frame)),
    );
    I.journals.merge([way.changes], true);
    if (way.result !== null) out = join(out, way.result);
  }
  partReplaced(I, call, by === null ? out : (call.args[1] as Value));
  if (out.kind !== 'union') return out;
  // What is put in by a callback is worth as much as what is put in as it is.
  const put = out.alternatives.find((each) => (knownText(each)?.replaceAll(HOLE, '').length ?? 0) >= LONG_PART);
  return put === undefined ? unknown(deepTaints(out)) : text(`${HOLE}${knownText(put)}${HOLE}`, deepTaints(out));
};

/** `value.match(pattern)`, `value.search(pattern)` */
const lookedInto: Model = (I, call) => {
  const [pattern] = call.args;
  if (!(pattern instanceof Pattern) || !looksForAddresses(pattern)) return undefined;
  const taints = joinTaints(deepTaints(call.self, 1), argumentTaints(call.args));
  return shapeAsked(I, pattern, call.self, unknown(taints), call.node, call.frame);
};

/** `call` and `apply` of an unknown function. */
const callIt: Model = (I, call) => {
  const api = call.self;
  const self = call.args[0] ?? UNDEFINED;
  if (api instanceof Api || (api instanceof Obj && api.kind === 'func'))
    return callFunction(I, api, self, call.args.slice(1), call.node, call.frame);
  return unknown(joinTaints(api.taints, argumentTaints(call.args)));
};

/** A client that is derived from one that somebody gave, with an address of its own. */
const madeClient: Model = (_I, call) => {
  const base = urlOf(call.args)?.text ?? null;
  if (base === null || !/^https?:\/\//i.test(base)) return undefined;
  const client = new Api('axios.create()');
  client.target = base;
  return client;
};

const ARRAY_METHODS = ['map', 'forEach', 'filter', 'find', 'some', 'every', 'reduce', 'flatMap'];

function arrayModel(name: string): [string, Model][] {
  const model = ARRAYS.find(([path]) => path === `Array#${name}`)?.[1];
  if (model === undefined) return [];
  const wrapped: Model = (I: Interpreter, call) => model(I, { ...call, path: `Array#${name}` });
  return [[`?.${name}`, wrapped]];
}

/** Models of methods on values that are not known. */
export const UNKNOWNS: [string, Model][] = [
  ['?.create', madeClient],
  ['?.extend', madeClient],
  ['?.defaults', madeClient],
  ['?.toString', toText],
  ['?.substring', beginning],
  ['?.substr', beginning],
  ['?.startsWith', askedForPart],
  ['?.endsWith', askedForPart],
  ['?.indexOf', askedForPart],
  ['?.includes', askedForPart],
  ['?.match', lookedInto],
  ['?.search', lookedInto],
  ['?.replace', callWithParts],
  ['?.replaceAll', callWithParts],
  ['?.call', callIt],
  ['?.apply', callIt],
  ...ARRAY_METHODS.flatMap(arrayModel),
];
