import type * as t from '@babel/types';
import { addressLed } from '../outside/addresses-led.js';
import { fillBody } from '../reach/lazy-bodies.js';
import { construct } from './calls.js';
import { evaluate } from './expressions.js';
import { errorMade } from './failure.js';
import { EnoughYields, type Frame, type Interpreter, Thrown } from './interpreter.js';
import { assignPattern } from './patterns.js';
import { Scope } from './scope.js';
import { hoistInto, runBody } from './statements.js';
import { Api, Func, Future, join, joinAll, Obj, UNDEFINED, unknown, type Value } from './value.js';

/** Where a generator keeps what it returns after all that it yields. */
export const RETURNED = '@@returned';

function constructorOf(fn: Func): t.ClassMethod | null {
  const node = fn.node as t.Class;
  return (
    (node.body.body.find((each) => each.type === 'ClassMethod' && each.kind === 'constructor') as
      | t.ClassMethod
      | undefined) ?? null
  );
}

/** Runs the body of a function in a fresh scope; async ones give a promise, generators the list of what they yield. */
export function runFunction(I: Interpreter, fn: Func, self: Value, args: Value[], newTarget: Func | null): Value {
  let node = fn.node;
  const again = I.enteringHandler;
  I.enteringHandler = false;
  if (fn.isClass) {
    const maker = constructorOf(fn);
    if (maker === null) {
      if (fn.superClass instanceof Func && self instanceof Obj)
        construct(I, fn.superClass, args, null, frameOf(I, fn, self, args, newTarget), self);
      else if (fn.superClass instanceof Api && self instanceof Obj) errorMade(fn.superClass, self, args);
      return self;
    }
    node = maker;
    I.entered.add(maker);
  }
  if (!('params' in node)) return UNDEFINED;
  const scope = new Scope(fn.scope, I.journals.depth);
  const frame = frameOf(I, fn, fn.boundThis ?? self, args, newTarget);
  if (node.type === 'ArrowFunctionExpression' && fn.lexicalArgs !== null) frame.args = fn.lexicalArgs;
  if (node.type === 'FunctionExpression' && node.id) scope.vars.set(node.id.name, fn);
  const generator = 'generator' in node && node.generator === true;
  frame.again = again;
  frame.async = 'async' in node && node.async === true;
  if (generator) frame.yields = [];
  const { requests, rejections } = I;
  let result: Value;
  try {
    bindParams(I, node.params, args, scope, frame);
    result = runInner(I, node.body, scope, frame);
  } catch (error) {
    if (error instanceof EnoughYields && generator) result = UNDEFINED;
    // `try { return ask() } catch (e) { last = e } throw last`: what it may have given before it threw.
    else if (error instanceof Thrown && frame.returns.length > 0 && !generator) {
      I.mayThrow++;
      result = joinAll(frame.returns);
    } else if (error instanceof Thrown && frame.async && !generator) {
      I.mayThrow++;
      const rejected = I.settled(unknown(null));
      if (rejected instanceof Future) I.reject(rejected, error.value);
      return rejected;
    } else throw error;
  }
  if (generator) {
    const list = I.array(frame.yields ?? []);
    list.cls = 'Generator';
    if (result.kind !== 'prim' || result.value !== undefined) list.props.set(RETURNED, result);
    return list;
  }
  if (frame.async) return answered(I, I.settled(result), requests, rejections);
  return result;
}

/** A promise of an asynchronous function, with what was answered to it, or thrown, while it ran. */
function answered(I: Interpreter, promise: Value, requests: number, rejections: number): Value {
  if (promise instanceof Future) {
    if (I.requests !== requests) promise.answers = I.lastAnswer;
    if (I.rejections !== rejections) promise.failure ??= I.lastRejected;
  }
  return promise;
}

function runInner(I: Interpreter, body: t.Node, scope: Scope, frame: Frame): Value {
  if (body.type !== 'BlockStatement') return evaluate(I, body, scope, frame);
  const failure = fillBody(body);
  if (failure !== null) I.loader.unreadable(I, frame.file, failure);
  hoistInto(I, body, body.body, scope, frame);
  const completion = runBody(I, body.body, scope, frame);
  let result: Value | null = completion !== null && completion.type === 'return' ? completion.value : null;
  for (const each of frame.returns) result = result === null ? each : join(result, each);
  if (result === null) return UNDEFINED;
  addressLed(I, result, body, frame);
  return result;
}

function bindParams(I: Interpreter, params: readonly t.Node[], args: Value[], scope: Scope, frame: Frame): void {
  for (const [index, param] of params.entries()) {
    if (param.type === 'RestElement') assignPattern(I, param.argument, I.array(args.slice(index)), scope, frame, scope);
    else assignPattern(I, param, args[index] ?? UNDEFINED, scope, frame, scope);
  }
}

function frameOf(I: Interpreter, fn: Func, self: Value, args: Value[], newTarget: Func | null): Frame {
  return {
    file: fn.file,
    self,
    args,
    returns: [],
    yields: null,
    home: fn.home ?? (fn.isClass ? ((fn.props.get('prototype') as Obj | undefined) ?? null) : null),
    newTarget: newTarget ?? UNDEFINED,
    async: false,
    superClass: fn.superClass,
    maybeLeft: false,
    guardsOutside: I.guards.length,
    again: false,
    name: 'id' in fn.node && fn.node.id ? fn.node.id.name : '',
  };
}
