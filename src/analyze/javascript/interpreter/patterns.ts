import type * as t from '@babel/types';
import { ledByGuards } from '../outside/addresses-led.js';
import { byGuards } from '../outside/picked-by-amount.js';
import { asDefault } from '../outside/recipients.js';
import { namedKey } from '../taint/generated-keys.js';
import { callFunction } from './calls.js';
import { evaluate } from './expressions.js';
import type { Frame, Interpreter } from './interpreter.js';
import { iterate } from './iteration.js';
import { keepWritten } from './kept-writes.js';
import { literalKey } from './literals.js';
import { keyOf } from './operators.js';
import { getByValue, getProperty } from './properties.js';
import { setByValue } from './property-writes.js';
import type { Scope } from './scope.js';
import { Api, alternatives, joinAll, Obj, prim, UNDEFINED, unknown, type Value } from './value.js';

/** Binds a pattern: declares its names in `declareIn`, or assigns to what is there when that is null. */
export function assignPattern(
  I: Interpreter,
  pattern: t.Node,
  value: Value,
  scope: Scope,
  frame: Frame,
  declareIn: Scope | null,
): void {
  switch (pattern.type) {
    case 'Identifier':
      if (value.taints !== null) value = namedKey(value, pattern.name);
      if (declareIn === null) value = ledByGuards(I, byGuards(I, value, pattern, frame), pattern, frame);
      if (declareIn === null && pattern.name === 'location') pageLeft(I, value, pattern, scope, frame);
      if (declareIn === null) I.assign(pattern.name, value, scope);
      else I.declare(pattern.name, value, declareIn);
      return;
    case 'MemberExpression': {
      const target = evaluate(I, pattern.object, scope, frame);
      const key = pattern.computed
        ? evaluate(I, pattern.property, scope, frame)
        : prim(literalKey(pattern.property) ?? '');
      setByValue(I, target, key, value, pattern, frame);
      keepWritten(I, target, value, pattern.object, scope, frame);
      return;
    }
    case 'AssignmentPattern':
      assignPattern(I, pattern.left, withDefault(I, value, pattern.right, scope, frame), scope, frame, declareIn);
      return;
    case 'ObjectPattern':
      objectPattern(I, pattern, value, scope, frame, declareIn);
      return;
    case 'ArrayPattern':
      arrayPattern(I, pattern, value, scope, frame, declareIn);
      return;
    case 'RestElement':
      assignPattern(I, pattern.argument, value, scope, frame, declareIn);
      return;
    case 'TSParameterProperty':
      assignPattern(I, pattern.parameter, value, scope, frame, declareIn);
      return;
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      assignPattern(I, pattern.expression, value, scope, frame, declareIn);
      return;
  }
}

function withDefault(I: Interpreter, value: Value, node: t.Node, scope: Scope, frame: Frame): Value {
  if (value.kind === 'prim') return value.value === undefined ? evaluate(I, node, scope, frame) : value;
  const given = alternatives(value);
  if (given.some(mayBeMissing)) {
    const way = I.branch(() => evaluate(I, node, scope, frame));
    I.journals.merge([way.changes], true);
    const there = given.filter((each) => each.kind !== 'prim' || each.value !== undefined);
    return way.result === null ? value : joinAll([...there, asDefault(I, way.result, node, frame)]);
  }
  return value;
}

/** A field of something that somebody gave, or did not. */
function mayBeMissing(value: Value): boolean {
  if (value.kind === 'prim') return value.value === undefined;
  return value.kind === 'unknown' || (value instanceof Api && value.path.startsWith('?.'));
}

function objectPattern(
  I: Interpreter,
  pattern: t.ObjectPattern,
  value: Value,
  scope: Scope,
  frame: Frame,
  declareIn: Scope | null,
): void {
  const taken = new Set<string>();
  for (const each of pattern.properties) {
    if (each.type === 'RestElement') {
      assignPattern(I, each.argument, remainder(I, value, taken), scope, frame, declareIn);
      continue;
    }
    if (each.computed) {
      const key = evaluate(I, each.key, scope, frame);
      const name = keyOf(key);
      if (name !== null) taken.add(name);
      assignPattern(I, each.value, getByValue(I, value, key, each, frame), scope, frame, declareIn);
    } else {
      const name = literalKey(each.key) ?? '';
      taken.add(name);
      assignPattern(I, each.value, getProperty(I, value, name, each, frame), scope, frame, declareIn);
    }
  }
}

function remainder(I: Interpreter, value: Value, taken: ReadonlySet<string>): Value {
  if (!(value instanceof Obj) || value.kind === 'api') return value.kind === 'api' ? value : unknown(value.taints);
  const rest = I.object();
  for (const [key, slot] of value.props) if (!taken.has(key)) rest.props.set(key, slot);
  rest.rest = value.rest;
  rest.taints = value.taints;
  return rest;
}

function arrayPattern(
  I: Interpreter,
  pattern: t.ArrayPattern,
  value: Value,
  scope: Scope,
  frame: Frame,
  declareIn: Scope | null,
): void {
  const lists = value.kind === 'union' ? value.alternatives.filter(isList) : [];
  if (lists.length > 0) {
    const others = value.kind === 'union' ? value.alternatives.filter((each) => each.kind === 'unknown') : [];
    unionPattern(I, pattern, [...lists, ...others], scope, frame, declareIn);
    return;
  }
  const exact = value.kind === 'prim' || (value instanceof Obj && value.elements !== null && value.rest === null);
  const list = iterate(I, value, frame);
  for (const [index, each] of pattern.elements.entries()) {
    if (each === null) continue;
    if (each.type === 'RestElement')
      assignPattern(I, each.argument, I.array(list.slice(exact ? index : 0)), scope, frame, declareIn);
    else {
      const item = list[index] ?? (exact ? UNDEFINED : (list[list.length - 1] ?? unknown(value.taints)));
      assignPattern(I, each, item, scope, frame, declareIn);
    }
  }
}

function isList(value: Value): value is Obj {
  return value instanceof Obj && value.elements !== null;
}

/** One of a few lists, or something unknown: each name gets what stands at its place in any of them, in their order. */
function unionPattern(
  I: Interpreter,
  pattern: t.ArrayPattern,
  lists: readonly Value[],
  scope: Scope,
  frame: Frame,
  declareIn: Scope | null,
): void {
  for (const [index, each] of pattern.elements.entries()) {
    if (each === null) continue;
    if (each.type === 'RestElement') {
      const rests = lists.map((list) => (isList(list) ? I.array((list.elements ?? []).slice(index)) : list));
      assignPattern(I, each.argument, joinAll(rests), scope, frame, declareIn);
    } else {
      const items = lists.map((list) => (isList(list) ? (list.elements?.[index] ?? list.rest ?? UNDEFINED) : list));
      assignPattern(I, each, joinAll(items), scope, frame, declareIn);
    }
  }
}

/** `location = address`: the page goes there, where no variable has the name. */
function pageLeft(I: Interpreter, value: Value, node: t.Node, scope: Scope, frame: Frame): void {
  if (I.lookUp('location', scope) !== undefined) return;
  callFunction(I, new Api('location.href'), UNDEFINED, [value], node, frame);
}
