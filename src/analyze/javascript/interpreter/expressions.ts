import type * as t from '@babel/types';
import type { Guard } from '../../observation.js';
import { addressLed, addressWritten, ledByTest } from '../outside/addresses-led.js';
import { byTest } from '../outside/picked-by-amount.js';
import { asDefault, linkRecipient } from '../outside/recipients.js';
import { narrowedWithin } from '../taint/asked-names.js';
import { keptBytes, throughDoor } from '../taint/doors.js';
import { clockCompared } from '../taint/fixed-dates.js';
import { guardFor, negated, withGuard } from '../taint/guards.js';
import { flagged, flaggedBy, lookedUpBy, spelled } from '../taint/implicit-flows.js';
import { addsNothing, settingOf, withoutMark } from '../taint/opt-in.js';
import { joinTaints } from '../taint/taint.js';
import { call, evaluateArguments } from './call-expressions.js';
import { callFunction, construct } from './calls.js';
import { makeClass } from './classes.js';
import { thenable } from './implicit-calls.js';
import { EnoughYields, type Frame, type Interpreter, Thrown } from './interpreter.js';
import { iterate } from './iteration.js';
import type { Changes } from './journal.js';
import { keepWritten } from './kept-writes.js';
import {
  arrayLiteral,
  bigint,
  hiddenLiteral,
  jsx,
  objectLiteral,
  pattern,
  taggedTemplate,
  template,
  toPrimitive,
} from './literals.js';
import { binary, keyOf, unary } from './operators.js';
import { assignPattern } from './patterns.js';
import { programTest } from './program-test.js';
import { getByValue, getProperty } from './properties.js';
import { setByValue } from './property-writes.js';
import { onlyReads } from './reading.js';
import type { Scope } from './scope.js';
import {
  Api,
  Func,
  type FunctionNode,
  Future,
  join,
  NULL,
  Obj,
  prim,
  TRUE,
  truth,
  UNDEFINED,
  unknown,
  type Value,
} from './value.js';
import { globalValue } from './world.js';

type Handler<N> = (I: Interpreter, node: N, scope: Scope, frame: Frame) => Value;

/** Evaluates an expression. */
export function evaluate(I: Interpreter, node: t.Node, scope: Scope, frame: Frame): Value {
  I.tick();
  const handler = HANDLERS[node.type] as Handler<t.Node> | undefined;
  return handler === undefined ? unknown(null) : handler(I, node, scope, frame);
}

/** Makes a function value of a function node. */
export function makeFunction(I: Interpreter, node: FunctionNode, scope: Scope, frame: Frame): Func {
  const fn = new Func(node, scope, frame.file);
  fn.depth = I.journals.depth;
  if (node.type === 'ArrowFunctionExpression') {
    fn.boundThis = frame.self;
    fn.home = frame.home;
    fn.lexicalArgs = frame.args;
  }
  if (!I.madeNodes.has(node)) {
    I.madeNodes.add(node);
    I.made.push({ fn, node, file: frame.file, guards: I.guards });
  }
  return fn;
}

function identifier(I: Interpreter, node: t.Identifier, scope: Scope, frame: Frame): Value {
  const name = node.name;
  let shadow: Value | null = null;
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    if (at.with !== null) {
      const value = getProperty(I, at.with, name, node, frame);
      const missing = value.kind === 'prim' && value.value === undefined;
      if (at.with instanceof Obj && at.with.kind !== 'api' && !missing) return value;
      if (!missing) shadow ??= value;
    }
    const found = at.own(name);
    if (found !== undefined) return found.kind === 'import' ? found.read() : found;
  }
  const made = I.globals.get(name);
  if (made !== undefined) return made;
  if (name === 'undefined') return UNDEFINED;
  if (name === 'arguments') return I.array(frame.args);
  // Inside `with (process)` a name may be a property of it; names that are globals of Node stay what they are.
  if (shadow !== null && !NODE_GLOBALS.has(name) && name !== 'eval') return shadow;
  return globalValue(I, name, node, frame);
}

function member(
  I: Interpreter,
  node: t.MemberExpression | t.OptionalMemberExpression,
  scope: Scope,
  frame: Frame,
): Value {
  const target = node.object.type === 'Super' ? superTarget(frame) : evaluate(I, node.object, scope, frame);
  return memberOf(I, node, target, scope, frame);
}

/** What `super.x` is read from. */
export function superTarget(frame: Frame): Value {
  return frame.home?.proto ?? frame.superClass ?? unknown(null);
}

/** Reads the property that a member expression names from a value that is already known. */
export function memberOf(
  I: Interpreter,
  node: t.MemberExpression | t.OptionalMemberExpression,
  target: Value,
  scope: Scope,
  frame: Frame,
): Value {
  if (node.optional && target.kind === 'prim' && (target.value === null || target.value === undefined))
    return UNDEFINED;
  if (node.computed) {
    const key = evaluate(I, node.property, scope, frame);
    return getByValue(I, target, key, node, frame);
  }
  const name =
    node.property.type === 'Identifier'
      ? node.property.name
      : node.property.type === 'PrivateName'
        ? `#${node.property.id.name}`
        : '';
  return getProperty(I, target, name, node, frame);
}

function conditional(I: Interpreter, node: t.ConditionalExpression, scope: Scope, frame: Frame): Value {
  const test = evaluate(I, node.test, scope, frame);
  const known = truth(test);
  if (known !== null) return spelled(test.taints, evaluate(I, known ? node.consequent : node.alternate, scope, frame));
  const guard = guardFor(I, test, node.test, frame);
  const first = narrowedWithin(I, node.test, true, scope, () => oneWay(I, node.consequent, guard, scope, frame));
  const second = oneWay(I, node.alternate, guard === null ? null : negated(guard), scope, frame);
  if (first.result !== null) first.result = flaggedBy(first.result, guard, frame);
  if (first.changes !== null || second.changes !== null)
    I.journals.merge([first.changes ?? NO_CHANGES, second.changes ?? NO_CHANGES], false);
  if (first.result === null && second.result === null) throw first.thrown;
  if (first.result === null) return second.result as Value;
  if (second.result === null) return first.result;
  const isDefault = isSamePlace(node.test, node.consequent);
  const other = isDefault ? asDefault(I, second.result, node.alternate, frame) : second.result;
  const made = join(
    byTest(I, ledByTest(I, first.result, test, node.test, true, frame), node.test, frame),
    byTest(I, ledByTest(I, other, test, node.test, false, frame), node.test, frame),
  );
  addressLed(I, made, node, frame);
  return made;
}

/** `options.to` twice: what a test asks for is what it gives. */
function isSamePlace(a: t.Node, b: t.Node): boolean {
  if (a.type === 'Identifier') return b.type === 'Identifier' && a.name === b.name;
  return (
    a.type === 'MemberExpression' &&
    b.type === 'MemberExpression' &&
    a.computed === b.computed &&
    isSamePlace(a.property, b.property) &&
    isSamePlace(a.object, b.object)
  );
}

const NO_CHANGES: Changes = { scopes: null, objects: null };

/** Evaluates an expression that may not run; a branch is opened only where it could write something. */
function oneWay(
  I: Interpreter,
  node: t.Node,
  guard: Guard | null,
  scope: Scope,
  frame: Frame,
): { result: Value | null; thrown: Thrown | null; changes: Changes | null } {
  if (!onlyReads(node)) {
    return I.branch(() => {
      I.guards = withGuard(I.guards, guard);
      return evaluate(I, node, scope, frame);
    });
  }
  try {
    return { result: evaluate(I, node, scope, frame), thrown: null, changes: null };
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    return { result: null, thrown: error, changes: null };
  }
}

function logical(
  I: Interpreter,
  operator: string,
  left: Value,
  node: t.LogicalExpression | t.AssignmentExpression,
  scope: Scope,
  frame: Frame,
): Value {
  if (operator === '??') {
    if (left.kind === 'prim')
      return left.value === null || left.value === undefined ? evaluate(I, node.right, scope, frame) : left;
    if (left.kind === 'text' || (left instanceof Obj && left.kind !== 'api')) return left;
  } else {
    const known = truth(left);
    if (known !== null) return known === (operator === '&&') ? evaluate(I, node.right, scope, frame) : left;
  }
  const shown = node.type === 'LogicalExpression' ? node.left : node;
  const guard = operator === '&&' && !onlyReads(node.right) ? guardFor(I, left, shown, frame) : null;
  const way = oneWay(I, node.right, guard, scope, frame);
  if (way.changes !== null) I.journals.merge([way.changes], true);
  if (way.result === null) return left;
  const value = join(
    left,
    operator === '&&'
      ? ledByTest(I, way.result, left, shown, true, frame)
      : asDefault(I, way.result, node.right, frame),
  );
  if (operator !== '&&') addressLed(I, value, node, frame);
  // `setting || anything` says nothing of the setting.
  if (operator === '&&' || value instanceof Obj || settingOf(value) === null) return value;
  return addsNothing(left) && addsNothing(way.result) ? value : { ...value, taints: withoutMark(value.taints) };
}

function assignment(I: Interpreter, node: t.AssignmentExpression, scope: Scope, frame: Frame): Value {
  const left = node.left;
  if (node.operator === '=') {
    if (left.type === 'MemberExpression') {
      const target = evaluate(I, left.object, scope, frame);
      const key = left.computed ? evaluate(I, left.property, scope, frame) : prim(nameOf(left.property));
      keptBytes(node);
      const value = flagged(I, frame, evaluate(I, node.right, scope, frame));
      addressWritten(I, value, left, frame);
      setByValue(I, target, key, value, node, frame);
      keepWritten(I, target, value, left.object, scope, frame);
      return value;
    }
    const value = flagged(I, frame, evaluate(I, node.right, scope, frame));
    assignPattern(I, left, value, scope, frame, null);
    return value;
  }
  const old = evaluate(I, left, scope, frame);
  const operator = node.operator.slice(0, -1);
  const value =
    operator === '&&' || operator === '||' || operator === '??'
      ? logical(I, operator, old, node, scope, frame)
      : binary(
          operator,
          toPrimitive(I, old, node, frame),
          toPrimitive(I, evaluate(I, node.right, scope, frame), node, frame),
        );
  assignPattern(I, left, value, scope, frame, null);
  return value;
}

/** The name of an identifier or private name, else an empty text. */
export function nameOf(node: t.Node): string {
  return node.type === 'Identifier' ? node.name : node.type === 'PrivateName' ? `#${node.id.name}` : '';
}

function update(I: Interpreter, node: t.UpdateExpression, scope: Scope, frame: Frame): Value {
  const old = unary('+', evaluate(I, node.argument, scope, frame));
  const value = binary(node.operator === '++' ? '+' : '-', old, prim(1));
  assignPattern(I, node.argument, value, scope, frame, null);
  return node.prefix ? value : old;
}

function yieldValue(I: Interpreter, node: t.YieldExpression, scope: Scope, frame: Frame): Value {
  const value = node.argument ? evaluate(I, node.argument, scope, frame) : UNDEFINED;
  if (frame.yields !== null) {
    if (node.delegate) for (const each of iterate(I, value, frame)) frame.yields.push(each);
    else frame.yields.push(value);
    if (frame.yields.length > 256) throw new EnoughYields();
  }
  // Coroutine runners (co, tslib's __awaiter) send the resolved value back in.
  return awaited(I, value);
}

/** The settled value of a promise, after the queue had its chance to settle it. */
export function awaited(I: Interpreter, value: Value): Value {
  if (value.kind === 'union') return value.alternatives.map((each) => awaited(I, each)).reduce(join);
  if (!(value instanceof Future)) return value;
  if (value.result === null) I.drain();
  if (value.result === null) {
    I.mayThrow++;
    return unknown(value.taints);
  }
  return value.result instanceof Future ? awaited(I, value.result) : value.result;
}

/** Operators that ask an object for its number. */
const COUNTS: ReadonlySet<string> = new Set(['+', '-', '~']);

const HANDLERS: Record<string, Handler<never>> = {
  Identifier: identifier,
  StringLiteral: (_I, node: t.StringLiteral) => prim(node.value, null, hiddenLiteral(node)),
  NumericLiteral: (_I, node: t.NumericLiteral) => prim(node.value),
  BooleanLiteral: (_I, node: t.BooleanLiteral) => prim(node.value),
  NullLiteral: () => NULL,
  BigIntLiteral: (_I, node: t.BigIntLiteral) => prim(bigint(node.value)),
  RegExpLiteral: (I, node: t.RegExpLiteral) => pattern(I, node.pattern, node.flags),
  TemplateLiteral: template,
  TaggedTemplateExpression: taggedTemplate,
  ThisExpression: (_I, _node, _scope, frame) => frame.self,
  MemberExpression: member,
  OptionalMemberExpression: member,
  CallExpression: call,
  OptionalCallExpression: call,
  NewExpression: (I, node: t.NewExpression, scope, frame) => {
    const fn = evaluate(I, node.callee, scope, frame);
    return construct(I, fn, evaluateArguments(I, node.arguments, scope, frame), node, frame);
  },
  AssignmentExpression: assignment,
  UpdateExpression: update,
  BinaryExpression: (I, node: t.BinaryExpression, scope, frame) => {
    if (node.operator === 'in') return inOperator(I, node, scope, frame);
    if (node.operator === 'instanceof') {
      const left = evaluate(I, node.left, scope, frame);
      const right = evaluate(I, node.right, scope, frame);
      const own = right instanceof Obj ? right.own('@@hasInstance') : undefined;
      if (own?.kind === 'func') return callFunction(I, own, right, [left], node, frame);
      return instanceOf(left, right);
    }
    const left = evaluate(I, node.left, scope, frame);
    const right = evaluate(I, node.right, scope, frame);
    if (node.operator.startsWith('==') || node.operator.startsWith('!='))
      return (
        programTest(I, node.operator, left, right, node, frame) ??
        throughDoor(I, left, right, binary(node.operator, left, right), node, frame)
      );
    clockCompared(I, left, right, node, frame);
    if (node.operator === '+' && right.kind === 'union' && (left.kind === 'prim' || left.kind === 'text'))
      linkRecipient(I, left.kind === 'prim' ? String(left.value) : left.text, right, '', node, frame);
    const result = binary(node.operator, toPrimitive(I, left, node, frame), toPrimitive(I, right, node, frame));
    return node.operator === '^' ? throughDoor(I, left, right, result, node, frame) : result;
  },
  LogicalExpression: (I, node: t.LogicalExpression, scope, frame) =>
    logical(I, node.operator, evaluate(I, node.left, scope, frame), node, scope, frame),
  ConditionalExpression: conditional,
  UnaryExpression: (I, node: t.UnaryExpression, scope, frame) => {
    if (node.operator === 'delete') return deleted(I, node.argument, scope, frame);
    if (node.operator === 'typeof') return typeofOperator(I, node, scope, frame);
    const value = evaluate(I, node.argument, scope, frame);
    return unary(node.operator, COUNTS.has(node.operator) ? toPrimitive(I, value, node, frame) : value);
  },
  SequenceExpression: (I, node: t.SequenceExpression, scope, frame) => {
    let value: Value = UNDEFINED;
    for (const each of node.expressions) value = evaluate(I, each, scope, frame);
    return value;
  },
  ObjectExpression: objectLiteral,
  ArrayExpression: arrayLiteral,
  FunctionExpression: (I, node: t.FunctionExpression, scope, frame) => makeFunction(I, node, scope, frame),
  ArrowFunctionExpression: (I, node: t.ArrowFunctionExpression, scope, frame) => makeFunction(I, node, scope, frame),
  ClassExpression: (I, node: t.ClassExpression, scope, frame) => makeClass(I, node, scope, frame),
  AwaitExpression: (I, node: t.AwaitExpression, scope, frame) =>
    awaited(I, thenable(I, evaluate(I, node.argument, scope, frame), node, frame)),
  YieldExpression: yieldValue,
  ParenthesizedExpression: (I, node: t.ParenthesizedExpression, scope, frame) =>
    evaluate(I, node.expression, scope, frame),
  MetaProperty: (I, node: t.MetaProperty, _scope, frame) =>
    node.meta.name === 'new' ? frame.newTarget : I.loader.importMeta(I, frame.file),
  TSAsExpression: (I, node: t.TSAsExpression, scope, frame) => evaluate(I, node.expression, scope, frame),
  TSSatisfiesExpression: (I, node: t.TSSatisfiesExpression, scope, frame) => evaluate(I, node.expression, scope, frame),
  TSNonNullExpression: (I, node: t.TSNonNullExpression, scope, frame) => evaluate(I, node.expression, scope, frame),
  TSTypeAssertion: (I, node: t.TSTypeAssertion, scope, frame) => evaluate(I, node.expression, scope, frame),
  TSInstantiationExpression: (I, node: t.TSInstantiationExpression, scope, frame) =>
    evaluate(I, node.expression, scope, frame),
  JSXElement: (I, node: t.JSXElement, scope, frame) => jsx(I, node, scope, frame),
  JSXFragment: (I, node: t.JSXFragment, scope, frame) => jsx(I, node, scope, frame),
  Import: () => new Api('import()'),
} as Record<string, Handler<never>>;

function inOperator(I: Interpreter, node: t.BinaryExpression, scope: Scope, frame: Frame): Value {
  const left = node.left.type === 'PrivateName' ? null : evaluate(I, node.left, scope, frame);
  const key = node.left.type === 'PrivateName' ? `#${node.left.id.name}` : keyOf(left as Value);
  const target = evaluate(I, node.right, scope, frame);
  if (key === null || !(target instanceof Obj) || target instanceof Api || target.rest !== null)
    return unknown(joinTaints(target.taints, lookedUpBy(left?.taints ?? null)));
  const value = getProperty(I, target, key, node, frame);
  return value.kind === 'prim' && value.value === undefined && !target.props.has(key) ? prim(false) : TRUE;
}

function instanceOf(left: Value, right: Value): Value {
  if (left.kind === 'prim') return prim(false);
  if (left instanceof Obj && right instanceof Func) {
    const prototype = right.props.get('prototype');
    for (let at: Obj | null = left.proto, depth = 0; at !== null && depth < 12; at = at.proto, depth++) {
      if (at === prototype) return TRUE;
    }
    return left.kind === 'api' ? unknown(null) : prim(false);
  }
  if (left instanceof Obj && right instanceof Api && left.cls === right.path) return TRUE;
  if (left instanceof Func && right instanceof Api && right.path === 'Function') return TRUE;
  return unknown(left.taints);
}

function deleted(I: Interpreter, node: t.Node, scope: Scope, frame: Frame): Value {
  if (node.type !== 'MemberExpression' && node.type !== 'OptionalMemberExpression') return TRUE;
  const target = evaluate(I, node.object, scope, frame);
  const key = node.computed ? keyOf(evaluate(I, node.property, scope, frame)) : nameOf(node.property);
  if (target instanceof Obj && key !== null) {
    I.journals.property(target, key);
    target.props.delete(key);
  }
  return TRUE;
}

const NODE_GLOBALS = new Set([
  'process',
  'require',
  'module',
  'exports',
  'global',
  'globalThis',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
  'URL',
  'Promise',
  'Symbol',
  'Map',
  'Set',
  'Proxy',
  'Reflect',
  'JSON',
  'Uint8Array',
  'TextDecoder',
  'queueMicrotask',
  '__dirname',
  '__filename',
  'WeakMap',
  'Array',
  'Object',
  'Function',
  'ArrayBuffer',
  'BigInt',
]);

const NODE_OBJECTS = new Set([
  'process',
  'module',
  'exports',
  'global',
  'globalThis',
  'console',
  'JSON',
  'Reflect',
  'Math',
]);

function typeofOperator(I: Interpreter, node: t.UnaryExpression, scope: Scope, frame: Frame): Value {
  const argument = node.argument;
  const value = evaluate(I, argument, scope, frame);
  if (
    argument.type === 'Identifier' &&
    value instanceof Api &&
    NODE_GLOBALS.has(argument.name) &&
    value.path === argument.name
  ) {
    return prim(NODE_OBJECTS.has(argument.name) ? 'object' : 'function');
  }
  return unary('typeof', value);
}
