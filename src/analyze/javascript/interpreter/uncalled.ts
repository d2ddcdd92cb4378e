import type { Guard } from '../../observation.js';
import type { LoadedModule } from '../modules/modules.js';
import { handBack, noteShown } from '../outside/handed-back.js';
import { Receivers } from '../outside/receivers.js';
import { isHandled, isHandledObject, isOfStep, OF_A_HANDLER, OF_A_STEP } from '../outside/request-handlers.js';
import { LiveFunctions, nameBefore } from '../reach/live-functions.js';
import { leadsOutside } from '../reach/prefilter.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, sourceFlow } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { BudgetExceeded } from './budget.js';
import { callFunction, construct } from './calls.js';
import { awaited } from './expressions.js';
import { type Interpreter, isTreasure, Thrown, topFrame } from './interpreter.js';
import { getProperty } from './properties.js';
import { Api, Func, type FunctionNode, Native, Obj, UNDEFINED, unknown, type Value } from './value.js';

const PER_FUNCTION = 15_000;

/** The same for functions that only lead to others, until they come to one that acts. */
const ON_THE_WAY = 1_000;

const ALL_FUNCTIONS = 600_000;

type Made = Interpreter['made'][number] & { node: FunctionNode };

/** After the entries: exported functions with their parameters as sources, then functions that nobody called. */
export function finish(I: Interpreter): void {
  I.unasked = false;
  I.guards = [];
  const last = I.steps + ALL_FUNCTIONS;
  const live = new LiveFunctions(I);
  const before = I.made.length;
  if (I.entry.phase === 'import' || I.calledBack.size > 0) {
    for (const loaded of [...I.loader.loaded(I).values()]) {
      if (I.steps > last) break;
      if (I.entry.phase !== 'import' && !I.calledBack.has(loaded.path)) continue;
      if (!leadsOutside(I.loader, loaded.path)) continue;
      const exports = getProperty(I, loaded.module, 'exports', null, topFrame(loaded.path));
      enterExports(I, live, loaded.path, exports);
      if (!loaded.esm && exports instanceof Obj && exports.kind === 'obj' && exports.bare)
        enterGlobals(I, live, loaded, exports);
    }
  }
  const stood = new Set<string>();
  enterAllReplaced(I, live, stood, last);
  const receivers = new Receivers(I);
  enterMethods(I, live, receivers, last);
  for (let index = 0; index < I.made.length && I.steps < last; index++) {
    const { fn, node, file, guards } = I.made[index] as Made;
    if (I.entered.has(node)) continue;
    // What exported functions give back is as good as exported: a middleware, a handler, a client.
    if (!(index < before ? live.acts(file, node) : isWorthIt(I, live, file, node))) continue;
    guardedShort(I, file, () => enterBlind(I, receivers, fn, file, guards), live.acts(file, node));
  }
  enterMethods(I, live, receivers, last);
  enterAllReplaced(I, live, stood, last);
  if (I.sawTreasure) enterAgain(I, live, receivers, last);
  for (const { run, unasked, guards } of I.lasting.slice()) {
    if (I.steps > last) break;
    guardedShort(I, I.entry.file, () => {
      I.unasked = unasked;
      I.guards = guards;
      run();
      I.drain();
    });
  }
}

/** Whether a function that came up at the end is worth entering: methods by the measure of methods, others as if they were exported. */
function isWorthIt(I: Interpreter, live: LiveFunctions, file: string, node: FunctionNode): boolean {
  if (isHandedOut(I, file, node)) return true;
  const isMethod = node.type === 'ClassMethod' || node.type === 'ClassPrivateMethod';
  return isMethod ? live.feeds(file, node) : live.leads(file, node);
}

/** Whether the caller of an exported function got this one, in a package that acts: visitors, middlewares, hooks. */
function isHandedOut(I: Interpreter, file: string, node: FunctionNode): boolean {
  return I.handedOut.has(node) && leadsOutside(I.loader, file);
}

/** Methods of what was constructed, called on that: what one call keeps in the object, another may send. */
function enterMethods(I: Interpreter, live: LiveFunctions, receivers: Receivers, last: number): void {
  for (const { method, instance, isHandedOut } of receivers.unseen()) {
    if (I.steps > last) return;
    const isGiven = I.entry.phase === 'import' && takesArguments(method);
    if (I.entered.has(method.node) && !isGiven && !holdsTreasure(instance)) continue;
    // What callers have may come to something that acts in another file.
    if (!(isHandedOut ? live.leads(method.file, method.node) : live.feeds(method.file, method.node))) continue;
    guardedShort(
      I,
      method.file,
      () => {
        handBack(I, callBlind(I, method, instance, method.file), method.file);
        I.drain();
      },
      live.acts(method.file, method.node),
    );
  }
}

/** What acts outside is entered once more, with all that the others have left behind: in fields, lists and variables around it. */
function enterAgain(I: Interpreter, live: LiveFunctions, receivers: Receivers, last: number): void {
  const made = I.made.slice();
  for (const { fn, node, file, guards } of made) {
    if (I.steps > last) return;
    if (!(fn instanceof Func) || fn.isClass) continue;
    // What acts, and methods that work off what the object holds: `flush()`.
    if (!live.names(file, node) && !(receivers.hasInstance(fn) && !takesArguments(fn) && live.leads(file, node)))
      continue;
    guardedShort(I, file, () => enterBlind(I, receivers, fn, file, guards));
  }
}

function holdsTreasure(instance: Obj): boolean {
  return deepTaints(instance, 2)?.some(({ source }) => isTreasure(source)) ?? false;
}

function takesArguments(fn: Func): boolean {
  return 'params' in fn.node && fn.node.params.length > 0;
}

function argumentsFor(I: Interpreter, fn: Func): Value[] {
  if (I.executors.has(fn.node)) return [unknown(null), unknown(null)];
  return I.entry.phase === 'import' && 'params' in fn.node ? parameters(I, fn, fn.node as FunctionNode) : [];
}

/** Enters what was put in the place of others' functions; what is put there meanwhile, too. */
function enterAllReplaced(I: Interpreter, live: LiveFunctions, stood: Set<string>, last: number): void {
  for (const [path, fn] of I.replaced) {
    if (stood.has(path) || I.steps > last) continue;
    stood.add(path);
    enterReplaced(I, live, path, fn);
  }
}

/** Calls a function that stands in the place of another as everybody will: its arguments, and what the original gives, are others'. */
function enterReplaced(I: Interpreter, live: LiveFunctions, path: string, fn: Value): void {
  const file = fn instanceof Func ? fn.file : I.entry.file;
  // What it only keeps, something else of the file may send.
  if (fn instanceof Func && !live.acts(file, fn.node) && !leadsOutside(I.loader, file)) return;
  const node = fn instanceof Func ? fn.node : null;
  const others = I.source('param.intercepted', path.split(' ')[0] as string, node, file);
  const given = unknown(others);
  const named = fn instanceof Func && 'params' in fn.node ? parameters(I, fn, fn.node as FunctionNode) : [];
  const args = named.map((each) => unknown(joinTaints(each.taints, others)));
  while (args.length < 3) args.push(given);
  I.inReplaced = true;
  try {
    guardedShort(I, file, () => {
      if (fn instanceof Func && fn.isClass) construct(I, fn, args, null, topFrame(file));
      else callFunction(I, fn, given, args, null, topFrame(file));
      I.drain();
    });
  } finally {
    I.inReplaced = false;
  }
}

function enterExports(I: Interpreter, live: LiveFunctions, file: string, exports: Value, depth = 0): void {
  if (!(exports instanceof Obj) || exports instanceof Api || depth > 3) return;
  if (exports instanceof Func) enterExported(I, live, exports, file);
  for (const slot of [...exports.props.values()].slice(0, 400)) {
    if (slot.kind === 'accessor') {
      // What a getter loads, it loads when somebody asks for it.
      if (slot.get instanceof Func && slot.get.file === file) enterExported(I, live, slot.get, file);
      const value = slot.get instanceof Native ? slot.get.run([], exports) : null;
      if (value instanceof Func && value.file === file) enterExported(I, live, value, file);
    } else if (slot instanceof Func) {
      if (slot.file.startsWith(file)) enterExported(I, live, slot, file);
    } else if (slot instanceof Obj && slot.kind === 'obj') enterExports(I, live, file, slot, depth + 1);
  }
}

/** A script that a page loads exports nothing: what it gives to others are its variables, `var Acme = (function () { … })()`. */
function enterGlobals(I: Interpreter, live: LiveFunctions, { path, scope }: LoadedModule, exports: Obj): void {
  const made = [...scope.vars.values()].filter((value): value is Obj => value instanceof Obj && value.kind !== 'api');
  const given = I.object();
  for (const [index, value] of made.slice(0, MOST_GLOBALS).entries())
    if (value !== exports && !(value instanceof Native)) given.props.set(String(index), value);
  enterExports(I, live, path, given);
}

const MOST_GLOBALS = 40;

function enterExported(I: Interpreter, live: LiveFunctions, fn: Func, file: string): void {
  if (!live.leads(fn.file, fn.node)) return;
  guardedShort(
    I,
    file,
    () => {
      const args = parametersOf(I, fn);
      if (fn.isClass) {
        enterClass(I, fn, file);
        const prototype = fn.props.get('prototype');
        if (prototype instanceof Obj) I.handedPrototypes.add(prototype);
      } else if (isConstructor(fn)) construct(I, fn, args, null, topFrame(file));
      else if (!I.entered.has(fn.node) || args.length > 0) {
        handBack(I, callFunction(I, fn, UNDEFINED, args, null, topFrame(file)), file);
        // What one request left behind, the next one finds.
        if (takesRequests(fn)) callFunction(I, fn, UNDEFINED, args, null, topFrame(file));
      }
      I.drain();
    },
    live.acts(fn.file, fn.node),
  );
}

/** A function with methods on its prototype: a class of before there were classes. */
function isConstructor(fn: Func): boolean {
  const prototype = fn.own('prototype');
  return prototype instanceof Obj && [...prototype.props.keys()].some((key) => key !== 'constructor');
}

function takesRequests(fn: Func): boolean {
  if (!('params' in fn.node)) return false;
  const names = fn.node.params.map((param) => (param.type === 'Identifier' ? param.name : ''));
  return names.some((name, index) => isHandled(name, names[index + 1]));
}

/** What somebody would hand to a function; a class has no parameters of its own. */
function parametersOf(I: Interpreter, fn: Func): Value[] {
  return 'params' in fn.node ? parameters(I, fn, fn.node as FunctionNode) : [];
}

function parameters(I: Interpreter, fn: Func, node: FunctionNode): Value[] {
  const names = node.params.map((param) => {
    const inner =
      param.type === 'AssignmentPattern' ? param.left : param.type === 'RestElement' ? param.argument : param;
    return inner.type === 'Identifier' ? inner.name : inner.type;
  });
  const called = nameOf(node) || (nameBefore(I.loader.text(fn.file) ?? '', node.start ?? 0) ?? '');
  return node.params.map((param, index) => {
    const written = names[index] ?? '';
    const name = plain(written);
    const worked = workedOn(I, fn, node, name, called);
    if (worked !== null) return worked;
    const isKey = index === 0 && TAKES_A_KEY.test(called);
    const found = isKey ? { source: 'param.secret' } : matchSource(I.models.params, name);
    // Nobody outside can hand a request to `#send(request, response)`.
    const isStep = isOfStep(written, names[index + 1], () => textOf(I, fn, node));
    const isRequest =
      node.type !== 'ClassPrivateMethod' && !isStep && (isHandled(written, names[index + 1]) || isHandledObject(param));
    const detail = isKey ? called : isRequest ? `${name}${OF_A_HANDLER}` : isStep ? `${name}${OF_A_STEP}` : name;
    const step = I.at(param, fn.file, 'source', `parameter ${name}`);
    if (found !== null) I.touch(found.source, detail, step);
    I.sawTreasure ||= isKey || isRequest;
    return unknown(sourceFlow(found?.source ?? 'param', detail, step));
  });
}

function textOf(I: Interpreter, { file }: Func, { start, end }: FunctionNode): string {
  return (I.loader.text(file) ?? '').slice(start ?? 0, end ?? 0);
}

/** What a tool has its plugins work on: sources of the user. */
function workedOn(I: Interpreter, fn: Func, node: FunctionNode, name: string, method: string): Value | null {
  const hook = I.models.hooks.find(({ params, methods }) => params.test(name) && methods.test(method));
  return hook === undefined ? null : unknown(I.source(hook.source, `${method}(${name})`, node, fn.file));
}

/** `_key`, `key_1` and `key2` of compilers and bundlers are `key`. */
function plain(name: string): string {
  return name.length < 3 ? name : name.replace(/^_+(?=[a-z])/i, '').replace(/(?<=[a-z]{3})_?\d{1,2}$/i, '');
}

/** Functions whose first argument is a key, by their own name: minified code keeps it where it is a method. */
const TAKES_A_KEY = /(?:private_?key|secret_?key|mnemonic|seed_?phrase|keypair)$/i;

function nameOf(node: FunctionNode): string {
  if ('key' in node && node.key.type === 'Identifier') return node.key.name;
  return 'id' in node && node.id ? node.id.name : '';
}

function enterBlind(I: Interpreter, receivers: Receivers, fn: Value, file: string, guards: readonly Guard[]): void {
  if (!(fn instanceof Func)) return;
  // What is made once somebody agreed runs only then.
  I.guards = guards.filter(({ kind }) => kind === 'consent');
  if (fn.isClass) enterClass(I, fn, file);
  else {
    const result = callBlind(I, fn, receivers.of(fn), file);
    if (I.handedOut.has(fn.node)) handBack(I, result, file);
    // Whoever calls it gets to see what it gives back: a tool of a server, a handler.
    else noteShown(I, deepTaints(awaited(I, result)));
  }
  I.drain();
}

/**
 * A call that nobody makes. What a generator takes out of a queue stays there: it runs for who asks it alone. What asks for nothing
 * may not be called at all, `flush()` before the queue is filled: what was there before is there still.
 */
function callBlind(I: Interpreter, fn: Func, self: Value, file: string): Value {
  const run = () => callFunction(I, fn, self, argumentsFor(I, fn), null, topFrame(file));
  const isGenerator = 'generator' in fn.node && fn.node.generator === true;
  if (!isGenerator && takesArguments(fn)) return run();
  const { result, thrown, changes } = I.branch(run);
  if (!isGenerator) I.journals.merge([changes], true);
  if (thrown !== null) throw thrown;
  return result ?? UNDEFINED;
}

function enterClass(I: Interpreter, cls: Func, file: string): void {
  if (I.entered.has(cls.node)) return;
  const made = 'body' in cls.node && cls.node.body.type === 'ClassBody' ? cls.node.body.body : [];
  const initializer = made.find((each) => each.type === 'ClassMethod' && each.kind === 'constructor');
  const given =
    initializer !== undefined && I.entry.phase === 'import'
      ? parameters(I, cls, initializer as FunctionNode)
      : [unknown(null), unknown(null)];
  const instance = construct(I, cls, given, null, topFrame(file));
  if (instance instanceof Obj) I.madeToEnter.add(instance);
  const prototype = cls.props.get('prototype');
  if (!(prototype instanceof Obj)) return;
  for (const slot of [...prototype.props.values()]) {
    if (slot instanceof Func && slot !== cls && !I.entered.has(slot.node)) {
      handBack(I, callFunction(I, slot, instance, parametersOf(I, slot), null, topFrame(file)));
    }
  }
}

/** Runs a piece of work within the bound of one function: the full one for what acts, and for what comes to something that does. */
function guardedShort(I: Interpreter, file: string, work: () => void, acts = true): void {
  const limit = I.stepLimit;
  I.stepLimit = I.steps + (acts ? PER_FUNCTION : ON_THE_WAY);
  I.limitOfPower = I.steps + PER_FUNCTION;
  try {
    work();
  } catch (error) {
    if (error instanceof Thrown) return;
    if (!(error instanceof BudgetExceeded) && !(error instanceof RangeError)) throw error;
    while (I.journals.depth > 0) I.journals.abandon();
    I.callDepth = 0;
    I.evalDepth = 0;
    I.tasks.length = 0;
    I.failures.length = 0;
    if (performance.now() > I.deadline)
      I.fact('limit', `the analysis of ${file} ended at its limit of milliseconds`, file, 1, [
        { role: 'step', file, line: 1, column: 0, note: 'limit: milliseconds' },
      ]);
  } finally {
    I.stepLimit = limit;
    I.limitOfPower = 0;
    I.guards = [];
    I.unasked = false;
  }
}
