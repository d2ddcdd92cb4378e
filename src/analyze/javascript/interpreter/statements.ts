import type * as t from '@babel/types';
import { ledByGuards } from '../outside/addresses-led.js';
import { byGuards } from '../outside/picked-by-amount.js';
import { narrowedWithin, narrowVariable } from '../taint/asked-names.js';
import { guardFor, negated, withGuard } from '../taint/guards.js';
import { flagged, isFlag } from '../taint/implicit-flows.js';
import { deepTaints } from '../taint/inner-taints.js';
import { callFunction } from './calls.js';
import { makeClass } from './classes.js';
import { evaluate, makeFunction } from './expressions.js';
import { answersOf, failureOf } from './failure.js';
import { type Frame, type Interpreter, Thrown } from './interpreter.js';
import { forEach, forStatement, leaves, loop } from './loops.js';
import { binary } from './operators.js';
import { assignPattern } from './patterns.js';
import { isForPrograms } from './program-test.js';
import { hasLexical, hoist, Scope } from './scope.js';
import { join, prim, TRUE, truth, UNDEFINED, type Value } from './value.js';

/** How a statement ended, when not normally. */
export type Completion =
  | null
  | { type: 'return'; value: Value }
  | { type: 'break' | 'continue'; label: string | null }
  | { type: 'throw'; thrown: Thrown };

/** Declares what hoisting lifts to the top of a function or file. */
export function hoistInto(
  I: Interpreter,
  owner: t.Node,
  body: readonly t.Statement[],
  scope: Scope,
  frame: Frame,
): void {
  const { vars, functions } = hoist(owner, body);
  for (const name of vars) if (!scope.vars.has(name)) scope.vars.set(name, UNDEFINED);
  for (const node of functions) if (node.id) scope.vars.set(node.id.name, makeFunction(I, node, scope, frame));
}

/** Runs statements in order. */
export function runBody(I: Interpreter, body: readonly t.Statement[], scope: Scope, frame: Frame): Completion {
  for (const node of body) {
    const completion = run(I, node, scope, frame);
    if (completion !== null) return completion;
  }
  return null;
}

/** Runs one statement. */
export function run(I: Interpreter, node: t.Statement, scope: Scope, frame: Frame): Completion {
  I.tick();
  switch (node.type) {
    case 'ExpressionStatement':
      evaluate(I, node.expression, scope, frame);
      return null;
    case 'VariableDeclaration':
      return declaration(I, node, scope, frame);
    case 'FunctionDeclaration':
      if (node.id && !scope.vars.has(node.id.name)) I.declare(node.id.name, makeFunction(I, node, scope, frame), scope);
      return null;
    case 'ClassDeclaration': {
      const value = makeClass(I, node, scope, frame);
      if (node.id) I.declare(node.id.name, value, scope);
      return null;
    }
    case 'ReturnStatement':
      return {
        type: 'return',
        value: node.argument
          ? flagged(I, frame, led(I, evaluate(I, node.argument, scope, frame), node, frame))
          : UNDEFINED,
      };
    case 'BlockStatement':
      return block(I, node, node.body, scope, frame);
    case 'IfStatement':
      return ifStatement(I, node, scope, frame);
    case 'ForStatement':
      return forStatement(I, node, scope, frame, null);
    case 'WhileStatement':
      return loop(I, node, scope, frame, null, { test: node.test, update: null, body: node.body, first: false });
    case 'DoWhileStatement':
      return loop(I, node, scope, frame, null, { test: node.test, update: null, body: node.body, first: true });
    case 'ForOfStatement':
    case 'ForInStatement':
      return forEach(I, node, scope, frame, null);
    case 'BreakStatement':
      return { type: 'break', label: node.label?.name ?? null };
    case 'ContinueStatement':
      return { type: 'continue', label: node.label?.name ?? null };
    case 'ThrowStatement':
      throw thrownWith(I, evaluate(I, node.argument, scope, frame));
    case 'TryStatement':
      return tryStatement(I, node, scope, frame);
    case 'SwitchStatement':
      return switchStatement(I, node, scope, frame, null);
    case 'LabeledStatement':
      return labeled(I, node, scope, frame);
    case 'WithStatement': {
      const inner = new Scope(scope, I.journals.depth);
      inner.with = evaluate(I, node.object, scope, frame);
      return run(I, node.body, inner, frame);
    }
    case 'ExportNamedDeclaration':
      return node.declaration ? run(I, node.declaration, scope, frame) : null;
    case 'ExportDefaultDeclaration':
      return exportDefault(I, node, scope, frame);
    case 'TSExportAssignment': {
      const value = evaluate(I, node.expression, scope, frame);
      I.loader.setExports(I, frame.file, value);
      return null;
    }
    case 'TSEnumDeclaration':
      return enumeration(I, node, scope, frame);
    case 'DebuggerStatement':
      I.fact('debugger', 'debugger statement', frame.file.split('!')[0] as string, node.loc?.start.line ?? 0, [
        I.at(node, frame.file, 'step', 'debugger'),
      ]);
      return null;
    default:
      return null;
  }
}

function led(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  return ledByGuards(I, byGuards(I, value, node, frame), node, frame);
}

/** Runs a variable declaration. */
export function declaration(I: Interpreter, node: t.VariableDeclaration, scope: Scope, frame: Frame): Completion {
  for (const each of node.declarations) {
    if (each.init) {
      const value = flagged(I, frame, evaluate(I, each.init, scope, frame));
      if (node.kind === 'var') assignPattern(I, each.id, value, scope, frame, null);
      else assignPattern(I, each.id, value, scope, frame, scope);
    } else if (node.kind !== 'var' && each.id.type === 'Identifier') I.declare(each.id.name, UNDEFINED, scope);
  }
  return null;
}

function exportDefault(I: Interpreter, node: t.ExportDefaultDeclaration, scope: Scope, frame: Frame): Completion {
  const inner = node.declaration;
  let value: Value;
  if (inner.type === 'FunctionDeclaration') {
    value = (inner.id ? I.lookUp(inner.id.name, scope) : undefined) ?? makeFunction(I, inner, scope, frame);
  } else if (inner.type === 'ClassDeclaration') {
    value = makeClass(I, inner, scope, frame);
    if (inner.id) I.declare(inner.id.name, value, scope);
  } else value = inner.type === 'TSDeclareFunction' ? UNDEFINED : evaluate(I, inner, scope, frame);
  I.declare('*default*', value, scope);
  return null;
}

function enumeration(I: Interpreter, node: t.TSEnumDeclaration, scope: Scope, frame: Frame): Completion {
  const object = I.object();
  let next = 0;
  for (const each of node.members ?? []) {
    const key = each.id.type === 'Identifier' ? each.id.name : each.id.value;
    const value = each.initializer ? evaluate(I, each.initializer, scope, frame) : prim(next);
    if (value.kind === 'prim' && typeof value.value === 'number') next = value.value + 1;
    object.props.set(key, value);
  }
  I.declare(node.id.name, object, scope);
  return null;
}

function block(I: Interpreter, node: t.Node, body: readonly t.Statement[], scope: Scope, frame: Frame): Completion {
  if (!hasLexical(node, body)) return runBody(I, body, scope, frame);
  const inner = new Scope(scope, I.journals.depth);
  for (const each of body) {
    if (each.type === 'FunctionDeclaration' && each.id) {
      const fn = makeFunction(I, each, inner, frame);
      inner.vars.set(each.id.name, fn);
      if (I.lookUp(each.id.name, scope) !== undefined) I.assign(each.id.name, fn, scope);
    }
  }
  return runBody(I, body, inner, frame);
}

/** Runs one way of a condition: a throw becomes a completion, so that the other way is still followed. */
export function way(I: Interpreter, runWay: () => Completion) {
  const made = I.branch(runWay);
  const completion: Completion = made.thrown === null ? made.result : { type: 'throw', thrown: made.thrown };
  return { completion, changes: made.changes };
}

/** What two ways, of which one is taken, end in together. */
function together(I: Interpreter, frame: Frame, a: Completion, b: Completion): Completion {
  if (a !== null && b !== null) {
    if (a.type === 'return' && b.type === 'return') return { type: 'return', value: join(a.value, b.value) };
    if (a.type === 'throw' && b.type === 'throw') throw a.thrown;
    remember(I, frame, a.type === 'break' || a.type === 'continue' ? b : a);
    return a.type === 'break' || a.type === 'continue' ? a : b.type === 'throw' ? a : b;
  }
  remember(I, frame, a ?? b);
  return null;
}

/** Keeps an ending that only may have happened. */
export function remember(I: Interpreter, frame: Frame, completion: Completion): void {
  if (completion === null) return;
  if (completion.type === 'return') frame.returns.push(completion.value);
  else if (completion.type === 'throw') I.mayThrow++;
  else frame.maybeLeft = true;
}

function ifStatement(I: Interpreter, node: t.IfStatement, scope: Scope, frame: Frame): Completion {
  const test = evaluate(I, node.test, scope, frame);
  if (isForPrograms(I, test, node.test, frame)) {
    asProgram(I, () => run(I, node.consequent, scope, frame));
    return node.alternate ? run(I, node.alternate, scope, frame) : null;
  }
  const known = frame.again && node.test.type !== 'Identifier' ? null : truth(test);
  if (known === true) return runFlagged(I, node, test, scope, frame);
  if (known === false) return node.alternate ? run(I, node.alternate, scope, frame) : null;
  const guard = guardFor(I, test, node.test, frame);
  const yes = way(I, () => {
    I.guards = withGuard(I.guards, guard);
    return narrowedWithin(I, node.test, true, scope, () => run(I, node.consequent, scope, frame));
  });
  const alternate = node.alternate;
  const no = way(I, () => {
    if (alternate) I.guards = withGuard(I.guards, negated(guard));
    return alternate ? narrowedWithin(I, node.test, false, scope, () => run(I, alternate, scope, frame)) : null;
  });
  I.journals.merge([yes.changes, no.changes], false);
  const completion = together(I, frame, yes.completion, no.completion);
  // What follows `if (x) return;` runs only when x does not hold.
  if (completion !== null) return completion;
  if (yes.completion !== null) {
    I.guards = withGuard(I.guards, negated(guard));
    narrowVariable(I, node.test, false, scope);
  } else if (no.completion !== null) {
    I.guards = withGuard(I.guards, guard);
    narrowVariable(I, node.test, true, scope);
  }
  return completion;
}

/** Runs what a test that is known to hold leads to: where it holds as the flag for a condition, under that. */
function runFlagged(I: Interpreter, node: t.IfStatement, test: Value, scope: Scope, frame: Frame): Completion {
  if (!isFlag(test)) return run(I, node.consequent, scope, frame);
  const { guards } = I;
  I.guards = withGuard(guards, guardFor(I, test, node.test, frame));
  const completion = run(I, node.consequent, scope, frame);
  I.guards = guards;
  return completion;
}

/** Reads what runs only when the file is started by itself: it counts as asked for. */
function asProgram(I: Interpreter, runWay: () => Completion): void {
  const { unasked } = I;
  I.unasked = false;
  try {
    I.journals.merge([way(I, runWay).changes], true);
  } finally {
    I.unasked = unasked;
  }
}

/** What is thrown under a condition that is not known is caught all the same: an answer in it is kept for who catches. */
function thrownWith(I: Interpreter, value: Value): Thrown {
  if (answersOf(deepTaints(value, 2)) !== null) {
    I.rejections++;
    I.lastRejected = value;
  }
  return new Thrown(value);
}

function tryStatement(I: Interpreter, node: t.TryStatement, scope: Scope, frame: Frame): Completion {
  const before = I.mayThrow;
  const { guards, requests, rejections } = I;
  let completion: Completion = null;
  let thrown: Thrown | null = null;
  const handler = node.handler;
  if (handler) I.caught++;
  try {
    completion = block(I, node.block, node.block.body, scope, frame);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    thrown = error;
    I.guards = guards;
  } finally {
    if (handler) I.caught--;
  }
  if (thrown !== null) {
    if (handler) {
      try {
        completion = catchClause(I, handler, thrown.value, scope, frame);
        thrown = null;
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        thrown = error;
      }
    }
  } else if (handler && I.mayThrow !== before) {
    const failure = failureOf(I, I.requests === requests ? null : I.lastAnswer);
    const error = I.rejections === rejections ? failure : join(failure, I.lastRejected);
    const made = way(I, () => catchClause(I, handler, error, scope, frame));
    I.journals.merge([made.changes], true);
    if (made.completion !== null) remember(I, frame, made.completion);
    // `try { access(stamp); return } catch {}`: where it throws, what follows runs.
    else if (completion !== null) {
      remember(I, frame, completion);
      completion = null;
    }
  }
  if (node.finalizer) {
    const last = block(I, node.finalizer, node.finalizer.body, scope, frame);
    if (last !== null) return last;
  }
  if (thrown !== null) throw thrown;
  return completion;
}

function catchClause(I: Interpreter, node: t.CatchClause, value: Value, scope: Scope, frame: Frame): Completion {
  const inner = new Scope(scope, I.journals.depth);
  if (node.param) assignPattern(I, node.param, value, inner, frame, inner);
  return block(I, node.body, node.body.body, inner, frame);
}

function switchStatement(
  I: Interpreter,
  node: t.SwitchStatement,
  scope: Scope,
  frame: Frame,
  label: string | null,
): Completion {
  const subject = evaluate(I, node.discriminant, scope, frame);
  const inner = new Scope(scope, I.journals.depth);
  let start = -1;
  let certain = true;
  const tests: Value[] = [];
  for (const [index, each] of node.cases.entries()) {
    if (!each.test) continue;
    const test = evaluate(I, each.test, inner, frame);
    tests[index] = test;
    const known = truth(binary('===', subject, test));
    if (known === true) {
      start = index;
      break;
    }
    if (known === null) certain = false;
  }
  if (certain) {
    if (start < 0) start = node.cases.findIndex((each) => !each.test);
    if (start < 0) return null;
    const completion = runCases(I, node, start, inner, frame);
    return completion !== null && leaves(completion, label) === 'left' ? null : completion;
  }
  const guard = guardFor(I, subject, node.discriminant, frame);
  const ways = node.cases.map((each, index) =>
    way(I, () => {
      const test = tests[index];
      // `switch (true) { case pattern.test(value): … }`
      const isAsked = subject === TRUE && test !== undefined;
      if (each.test) I.guards = withGuard(I.guards, isAsked ? guardFor(I, test, each.test, frame) : guard);
      const completion = runCases(I, node, index, inner, frame);
      return completion !== null && leaves(completion, label) === 'left' ? null : completion;
    }),
  );
  I.journals.merge(
    ways.map((each) => each.changes),
    true,
  );
  for (const each of ways) remember(I, frame, each.completion);
  return null;
}

function runCases(I: Interpreter, node: t.SwitchStatement, start: number, scope: Scope, frame: Frame): Completion {
  for (let index = start; index < node.cases.length; index++) {
    const completion = runBody(I, node.cases[index]?.consequent ?? [], scope, frame);
    if (completion !== null) return completion;
  }
  return null;
}

function labeled(I: Interpreter, node: t.LabeledStatement, scope: Scope, frame: Frame): Completion {
  const label = node.label.name;
  const body = node.body;
  let completion: Completion;
  if (body.type === 'ForStatement') completion = forStatement(I, body, scope, frame, label);
  else if (body.type === 'ForOfStatement' || body.type === 'ForInStatement')
    completion = forEach(I, body, scope, frame, label);
  else if (body.type === 'WhileStatement')
    completion = loop(I, body, scope, frame, label, { test: body.test, update: null, body: body.body, first: false });
  else if (body.type === 'DoWhileStatement')
    completion = loop(I, body, scope, frame, label, { test: body.test, update: null, body: body.body, first: true });
  else if (body.type === 'SwitchStatement') completion = switchStatement(I, body, scope, frame, label);
  else completion = run(I, body, scope, frame);
  return completion !== null && completion.type === 'break' && completion.label === label ? null : completion;
}

/** Calls back a function of the sample with what is left unknown. */
export function enter(I: Interpreter, fn: Value, args: Value[], node: t.Node | null, frame: Frame): Value {
  return callFunction(I, fn, UNDEFINED, args, node, frame);
}
