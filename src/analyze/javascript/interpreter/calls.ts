import type * as t from '@babel/types';
import { callApi } from '../outside/api-calls.js';
import { handBack } from '../outside/handed-back.js';
import { codeHanded } from '../outside/handed-code.js';
import { elementRendered } from '../outside/rendered-elements.js';
import { tagsHanded } from '../outside/script-tags.js';
import { byKnownDecoder, learnDecoder, newProof } from '../parsing/known-decoders.js';
import { hasPowerWithin } from '../reach/prefilter.js';
import { type Flow, joinTaints, ofField, type Taints, withStep } from '../taint/taint.js';
import { initializeFields } from './classes.js';
import { awaited } from './expressions.js';
import { runFunction } from './functions.js';
import { streamMethodsRun } from './implicit-calls.js';
import { throughInterop } from './interop.js';
import type { Frame, Interpreter } from './interpreter.js';
import { prototypeOf } from './properties.js';
import { awaitSteps, isAwaited, isStateMachine, stateMachine } from './state-machine.js';
import { Api, Func, join, joinAll, Native, Obj, tainted, UNDEFINED, unknown, type Value } from './value.js';

const MEMO_AFTER = 6;

const COARSE_AFTER = 60;

/** Callbacks that are made again and again differ by these few variables around them: the index, the name. */
const FEW_VARIABLES = 6;

/** A function that goes down an object that is known, as writers of formats do, may call itself so deep and so often. */
const DEEPEST_TREE = 14;

/** A loop by callbacks goes on so often where each of its steps may or may not come. */
const DEEPEST_COUNT = 5;
const MOST_DESCENTS = 600;

/** Calls any value. */
export function callFunction(
  I: Interpreter,
  fn: Value,
  self: Value,
  args: Value[],
  node: t.Node | null,
  frame: Frame,
): Value {
  if (fn instanceof Func) return enterFunction(I, fn, self, args, node, frame, null);
  if (fn instanceof Native) return fn.run(args, self);
  if (fn instanceof Api) return callApi(I, fn, self, args, node, frame, false);
  if (fn.kind === 'union') {
    let out: Value | null = null;
    for (const each of fn.alternatives) {
      if (each.kind === 'prim') continue;
      // A method of one of several receivers is called on that one.
      const own = each instanceof Api && each.self !== null && self.kind === 'union' ? each.self : self;
      const way = I.branch(() => callFunction(I, each, own, args, node, frame));
      I.journals.merge([way.changes], true);
      if (way.result !== null) out = out === null ? way.result : join(out, way.result);
    }
    return out ?? unknown(fn.taints);
  }
  I.mayThrow++;
  I.callsOfOthers++;
  return callUnknown(I, fn, self, args, node, frame);
}

/** A call of which nothing is known: callbacks are called, taints pass through. */
export function callUnknown(
  I: Interpreter,
  fn: Value,
  self: Value,
  args: Value[],
  node: t.Node | null,
  frame: Frame,
): Value {
  I.worldCalls++;
  if (I.entry.phase === 'import') codeHanded(I, 'a function of the caller', args, node, frame);
  if (args.length > 1) elementRendered(I, 'a function of the caller', args, { node, frame });
  if (fn.taints?.some(({ source }) => source === 'param')) for (const each of args) handBack(I, each);
  let taints: Taints = joinTaints(fn.taints, self.taints);
  for (const each of args) taints = joinTaints(taints, ofField(each.taints));
  for (const each of args) {
    if (each.kind === 'func')
      I.later(() => {
        const given = callFunction(I, each, UNDEFINED, [unknown(taints), unknown(taints)], node, frame);
        if (I.entry.phase === 'import') tagsHanded(I, 'a tool', [awaited(I, given)], node, frame, 'returned');
      });
  }
  return unknown(taints);
}

/** `new` of any value; `self` is given when a subclass constructs its base. */
export function construct(
  I: Interpreter,
  fn: Value,
  args: Value[],
  node: t.Node | null,
  frame: Frame,
  self: Value | null = null,
): Value {
  if (fn instanceof Func) {
    const instance = self instanceof Obj ? self : I.object();
    if (instance !== self) {
      instance.proto = prototypeOf(I, fn);
      const name = 'id' in fn.node && fn.node.id ? fn.node.id.name : '';
      if (name !== '') instance.cls = 'Object';
      if (instance.proto !== null) I.noteInstance(instance.proto, instance);
    }
    const base = baseOf(fn);
    if (!(fn.superClass instanceof Func)) initializeFields(I, fn, instance, frame);
    const result = enterFunction(I, base ?? fn, instance, args, node, frame, fn);
    if (fn.superClass instanceof Func) initializeFields(I, fn, instance, frame);
    if (instance !== self && fn.superClass !== null) streamMethodsRun(I, fn, instance, node, frame);
    return result instanceof Obj && result !== instance && result.kind !== 'api' && base === null ? result : instance;
  }
  if (fn instanceof Api) return callApi(I, fn, UNDEFINED, args, node, frame, true);
  if (fn.kind === 'union') {
    const made = fn.alternatives
      .filter((each) => each.kind !== 'prim')
      .map((each) => construct(I, each, args, node, frame));
    return joinAll(made);
  }
  return callFunction(I, fn, UNDEFINED, args, node, frame);
}

/** For classes, the class itself is entered through its constructor. */
function baseOf(fn: Func): Func | null {
  return fn.isClass ? fn : null;
}

/** Enters a function of the sample, unless its depth, its memo or a known decoder answers first. */
export function enterFunction(
  I: Interpreter,
  fn: Func,
  self: Value,
  given: Value[],
  node: t.Node | null,
  caller: Frame,
  newTarget: Func | null,
): Value {
  const all = fn.boundArgs.length > 0 ? [...fn.boundArgs, ...given] : given;
  const state = callState(I, fn);
  state.count++;
  const constant = all.every((each) => each.kind === 'prim' || each.kind === 'func');
  const descends = !constant && state.active > 0 && state.count < MOST_DESCENTS && isPartOfTree(all, state.within);
  // At the top of a run, and in obfuscated files, calls with known arguments are followed as they come: decoders differ by their
  // state. Elsewhere a function is entered a few times for each shape of its arguments.
  const open = I.journals.depth > 0 || (!I.unasked && I.loader.obfuscation(fn.file).length === 0);
  let signature: string | null = null;
  if (
    state.count > MEMO_AFTER &&
    (open
      ? !all.every((each) => each.kind === 'prim') || state.count > COARSE_AFTER
      : all.some((each) => each.kind === 'unknown' || each.kind === 'text' || each.kind === 'union'))
  ) {
    // The executor of a promise does what stands around it: `(...args) => new Promise((done) => run(args, done))`.
    const around = isExecutor(all) ? wordsAround(fn) : null;
    const isOneOfMany = around === null && state.count <= COARSE_AFTER && fn.scope.size <= FEW_VARIABLES;
    const others = isOneOfMany && actsItself(I, fn) ? wordsAround(fn) : null;
    signature = descends ? null : signatureOf(around ?? (others === null ? all : [...all, ...others]), open);
    const known = signature === null ? undefined : state.results.get(signature);
    if (known !== undefined) return known;
  }
  const isStraight = I.journals.depth <= state.depth;
  const deepest = constant && isStraight ? 80 : descends && isStraight ? DEEPEST_TREE : counts(all) ? DEEPEST_COUNT : 2;
  if (state.active === 0) state.depth = I.journals.depth;
  if (I.callDepth >= I.budget.depth || state.active > deepest) {
    let taints: Taints = null;
    for (const each of all) taints = joinTaints(taints, each.taints);
    return unknown(taints);
  }
  // A function that only calls too deep to follow ask for is read at the end, like those that nobody calls.
  I.entered.add(fn.node);
  if (I.stepLimit < I.limitOfPower && actsItself(I, fn)) I.stepLimit = I.limitOfPower;
  if (all.length === 2 && all[1] instanceof Func && isStateMachine(I, fn))
    return stateMachine(I, all[1], all[0] ?? UNDEFINED, caller);
  const module = throughInterop(I, fn, all);
  if (module !== null) return module;
  if (isAwaited(I, fn, all)) return awaitSteps(I, all[3] as Func, all[0] ?? UNDEFINED, all[1] ?? UNDEFINED, caller);
  const known = constant ? byKnownDecoder(state.proof, all) : null;
  if (known !== null) return known;
  const stepsBefore = I.steps;
  const args = node === null ? all : all.map((each) => passed(I, each, node, caller, fn));
  I.callDepth++;
  state.active++;
  state.within.push(all[0] ?? UNDEFINED);
  const guards = I.guards;
  try {
    const value = runFunction(I, fn, self, args, newTarget);
    if (signature !== null) state.results.set(signature, value);
    if (constant && value.kind === 'prim') {
      learnDecoder(state.proof, all, value.value, I.steps - stepsBefore);
      if (state.proof.agreed > 0 && !I.decoders.has(fn.node))
        I.decoders.set(fn.node, { file: fn.file, sample: String(value.value) });
    }
    return value;
  } finally {
    I.callDepth--;
    state.active--;
    state.within.pop();
    I.guards = guards;
  }
}

/** A step of a loop by callbacks: `next(index + 1)`. */
function counts(args: readonly Value[]): boolean {
  return args.length === 1 && args[0]?.kind === 'prim' && typeof args[0].value === 'number';
}

/** Whether the text of a function names something that acts; true where its text does not stand in the package. */
function actsItself(I: Interpreter, { node, file }: Func): boolean {
  let acts = I.acting.get(node);
  if (acts === undefined) {
    acts =
      !I.loader.files.has(file) ||
      typeof node.start !== 'number' ||
      typeof node.end !== 'number' ||
      hasPowerWithin(I.loader, file, node.start, node.end);
    I.acting.set(node, acts);
  }
  return acts;
}

function callState(I: Interpreter, fn: Func) {
  let state = I.functionCalls.get(fn.node);
  if (state === undefined) {
    state = { count: 0, results: new Map(), active: 0, depth: 0, within: [], proof: newProof() };
    I.functionCalls.set(fn.node, state);
  }
  return state;
}

/** Adds the call to the provenance of tainted arguments. */
function passed(I: Interpreter, value: Value, node: t.Node, caller: Frame, fn: Func): Value {
  if (value.taints === null || value instanceof Obj) return value;
  const last = lastPassed.get(node);
  const taints =
    last !== undefined && last.given === value.taints && last.to === fn.node
      ? last.taints
      : withStep(value.taints, I.at(node, caller.file, 'step', `passed to ${nameOf(fn)}`));
  lastPassed.set(node, { given: value.taints, to: fn.node, taints });
  return { ...value, taints };
}

/** What was passed at a call the last time: several arguments, and the rounds of a loop, carry the same. */
const lastPassed = new WeakMap<t.Node, { given: Taints; to: t.Node; taints: Taints }>();

function nameOf(fn: Func): string {
  return 'id' in fn.node && fn.node.id ? fn.node.id.name : 'a function';
}

/** Whether the arguments are known, the first one an object that the function is not at work on already. */
function isPartOfTree(args: readonly Value[], within: readonly Value[]): boolean {
  const [first] = args;
  return (
    first !== undefined &&
    !within.some((each) => each instanceof Obj && each === first) &&
    args.every((each) => each.kind === 'prim' || each.kind === 'func' || isKnownObject(each))
  );
}

function isKnownObject(value: Value): boolean {
  return value instanceof Obj && value.kind === 'obj' && value.rest === null && value.taints === null;
}

function isExecutor(args: readonly Value[]): boolean {
  return args.length === 2 && args.every((each) => each instanceof Native);
}

/** The variables around a function where they are texts and lists of such; null where there is more to them. */
function wordsAround(fn: Func): Value[] | null {
  const values: Value[] = [];
  for (const each of fn.scope.vars.values()) {
    if (each.kind === 'import' || (each instanceof Obj && !(each instanceof Func) && each.elements === null))
      return null;
    values.push(each);
  }
  return values;
}

function signatureOf(args: readonly Value[], coarse: boolean): string | null {
  let out = '';
  for (let index = 0; index < args.length; index++) {
    const each = args[index] as Value;
    if (each.kind === 'prim') out += `${typeof each.value}:${String(each.value).slice(0, 40)};`;
    else if (each instanceof Func) out += `f${each.node.start};`;
    else if (each instanceof Api) out += `a${each.path};`;
    else if (each instanceof Obj) {
      if (!coarse) return null;
      out += `o${each.cls}${words(each)}`;
    } else out += each.kind;
    if (each.taints !== null) out += each.taints.map(sourceName).join(',');
    out += '|';
  }
  return out;
}

/** Answers of different hosts are different things: one may be known, where another came from what a caller gave. */
function sourceName({ source, detail }: Flow): string {
  return source === 'net.response' ? detail : source;
}

/** The first texts of a short list, as a command's arguments are: a wrapper of a child process is called with many such. */
function words({ elements }: Obj): string {
  const first = elements?.[0];
  if (elements === null || elements.length > 16 || first?.kind !== 'prim' || typeof first.value !== 'string') return '';
  return elements
    .slice(0, 8)
    .map((each) => (each.kind === 'prim' ? String(each.value).slice(0, 24) : each.kind))
    .join();
}

/** A function of the sample with arguments and `this` fixed. */
export function bound(I: Interpreter, fn: Value, self: Value, args: Value[]): Value {
  if (fn instanceof Func) {
    const copy = new Func(fn.node, fn.scope, fn.file);
    copy.depth = I.journals.depth;
    copy.props = fn.props;
    copy.home = fn.home;
    copy.lexicalArgs = fn.lexicalArgs;
    copy.boundThis = fn.boundThis ?? self;
    copy.boundArgs = [...fn.boundArgs, ...args];
    copy.superClass = fn.superClass;
    copy.isClass = fn.isClass;
    copy.fields = fn.fields;
    return copy;
  }
  if (fn instanceof Api) {
    const copy = new Api(fn.path);
    copy.self = self.kind === 'prim' ? fn.self : self;
    copy.fixed = true;
    copy.target = fn.target;
    copy.taints = fn.taints;
    copy.boundArgs = [...fn.boundArgs, ...args];
    copy.props = fn.props;
    return copy;
  }
  if (fn instanceof Native) return new Native((more) => fn.run([...args, ...more], self));
  return tainted(fn, joinAll([UNDEFINED, ...args]).taints);
}
