import type * as t from '@babel/types';
import { joinTaints } from '../taint/taint.js';
import { builtinMethod } from './builtin-methods.js';
import { callFunction, construct } from './calls.js';
import { evaluate, memberOf, nameOf, superTarget } from './expressions.js';
import { errorMade } from './failure.js';
import type { Frame, Interpreter } from './interpreter.js';
import { iterate } from './iteration.js';
import { keepWritten } from './kept-writes.js';
import { keyOf } from './operators.js';
import { getByValue, getProperty } from './properties.js';
import type { Scope } from './scope.js';
import { Api, Func, Obj, UNDEFINED, type Value } from './value.js';

/** Evaluates the arguments of a call, spread included. */
export function evaluateArguments(
  I: Interpreter,
  list: readonly (t.Node | null)[],
  scope: Scope,
  frame: Frame,
): Value[] {
  const out: Value[] = [];
  for (const each of list) {
    // What a parser that goes on makes of `f(, 1)`.
    if (each === null) out.push(UNDEFINED);
    else if (each.type === 'SpreadElement') out.push(...iterate(I, evaluate(I, each.argument, scope, frame), frame));
    else out.push(evaluate(I, each, scope, frame));
  }
  return out;
}

/** Evaluates a call: receiver, callee, arguments, then the call itself. */
export function call(
  I: Interpreter,
  node: t.CallExpression | t.OptionalCallExpression,
  scope: Scope,
  frame: Frame,
): Value {
  const callee = node.callee as t.Node;
  if (callee.type === 'Super') return superCall(I, node, scope, frame);
  if (callee.type === 'Import') {
    return callFunction(
      I,
      new Api('import()'),
      UNDEFINED,
      evaluateArguments(I, node.arguments, scope, frame),
      node,
      frame,
    );
  }
  let self: Value = UNDEFINED;
  let fn: Value;
  if (callee.type === 'MemberExpression' || callee.type === 'OptionalMemberExpression') {
    if (callee.object.type === 'Super') {
      self = frame.self;
      fn = memberOf(I, callee, superTarget(frame), scope, frame);
    } else {
      self = evaluate(I, callee.object, scope, frame);
      fn = methodOf(I, callee, self, scope, frame);
    }
  } else fn = evaluate(I, callee, scope, frame);
  if (node.optional && fn.kind === 'prim' && (fn.value === undefined || fn.value === null)) return UNDEFINED;
  const args = evaluateArguments(I, node.arguments, scope, frame);
  if (callee.type === 'Identifier' && callee.name === 'eval') I.evalScope = scope;
  const result = callFunction(I, fn, self, args, node, frame);
  filled(I, callee, node.arguments[0], self, args, scope, frame);
  return result;
}

/** What lists, maps and the like take in, of which nothing is known, and what `Object.assign` writes into such. */
function filled(
  I: Interpreter,
  callee: t.Node,
  first: t.Node | undefined,
  self: Value,
  args: readonly Value[],
  scope: Scope,
  frame: Frame,
): void {
  if (args.length === 0 || callee.type !== 'MemberExpression' || callee.computed) return;
  const name = nameOf(callee.property);
  if (FILLS.has(name)) for (const each of args) keepWritten(I, self, each, callee.object, scope, frame);
  else if (name === 'assign' && first !== undefined && self instanceof Api && self.path === 'Object')
    for (const each of args.slice(1)) keepWritten(I, args[0] as Value, each, first, scope, frame);
}

const FILLS: ReadonlySet<string> = new Set(['push', 'unshift', 'set', 'add', 'append']);

function methodOf(
  I: Interpreter,
  callee: t.MemberExpression | t.OptionalMemberExpression,
  self: Value,
  scope: Scope,
  frame: Frame,
): Value {
  if (self.kind !== 'prim') return memberOf(I, callee, self, scope, frame);
  const key = callee.computed ? evaluate(I, callee.property, scope, frame) : null;
  const name = key === null ? nameOf(callee.property) : keyOf(key);
  const builtin = name === null ? null : builtinMethod(self, name);
  if (builtin !== null) return builtin;
  if (callee.optional && (self.value === null || self.value === undefined)) return UNDEFINED;
  return key === null ? getProperty(I, self, name ?? '', callee, frame) : getByValue(I, self, key, callee, frame);
}

function superCall(
  I: Interpreter,
  node: t.CallExpression | t.OptionalCallExpression,
  scope: Scope,
  frame: Frame,
): Value {
  const args = evaluateArguments(I, node.arguments, scope, frame);
  const parent = frame.superClass;
  if (parent instanceof Func) construct(I, parent, args, node, frame, frame.self);
  else if (parent !== null) {
    const base = construct(I, parent, args, node, frame);
    if (parent instanceof Api && frame.self instanceof Obj) errorMade(parent, frame.self, args);
    if (base instanceof Obj && frame.self instanceof Obj) {
      frame.self.taints = joinTaints(frame.self.taints, base.taints);
      if (frame.self.proto !== null) frame.self.proto.proto ??= base;
      else frame.self.proto = base;
    }
  }
  return frame.self;
}
