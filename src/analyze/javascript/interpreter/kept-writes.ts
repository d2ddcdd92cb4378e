import type * as t from '@babel/types';
import { handedOver } from '../outside/observe.js';
import type { Frame, Interpreter } from './interpreter.js';
import { literalKey } from './literals.js';
import type { Scope } from './scope.js';
import { Api, alternatives, keeping, Obj, type Slot, type Value } from './value.js';

/**
 * Remembers what is written into something of which nothing is known: `body.token = secret` on what was parsed or given. Whoever
 * sends the whole of it later sends that too. It is kept with the variable or field that holds it.
 */
export function keepWritten(
  I: Interpreter,
  target: Value,
  value: Value,
  place: t.Node,
  scope: Scope,
  frame: Frame,
): void {
  if (!isOpen(target)) return;
  const taints = handedOver(I, value, place, frame);
  if (taints === null) return;
  const steps: string[] = [];
  let at = place;
  while (at.type === 'MemberExpression' || at.type === 'OptionalMemberExpression') {
    const key = at.computed ? null : literalKey(at.property);
    if (key === null) steps.length = 0;
    else steps.unshift(key);
    at = at.object;
    if (steps.length > DEEPEST) return;
  }
  if (at.type === 'Identifier') {
    const held = variable(at.name, scope);
    if (held === null) return;
    const next = keptIn(I, held, steps, taints);
    if (next !== held) I.assign(at.name, next, scope);
  } else if (at.type === 'ThisExpression') keptIn(I, frame.self, steps, taints);
}

const DEEPEST = 4;

/** Nothing, or not all, is known of it. */
function isOpen(value: Value): boolean {
  return value.kind === 'unknown' || value.kind === 'union' || (value instanceof Api && value.path.startsWith('?.'));
}

function variable(name: string, scope: Scope): Value | null {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const held = at.own(name);
    if (held !== undefined) return held.kind === 'import' ? null : held;
  }
  return null;
}

/** The value that keeps the taints, in the first of its fields on the way that is not known; objects are written in place. */
function keptIn(I: Interpreter, held: Value, steps: readonly string[], taints: NonNullable<Value['taints']>): Value {
  if (held.kind === 'unknown') return keeping(held, taints);
  if (held.kind === 'union') {
    for (const each of alternatives(held)) if (each instanceof Obj) keptIn(I, each, steps, taints);
    return keeping(held, taints);
  }
  const [key, ...more] = steps;
  if (!(held instanceof Obj) || key === undefined) return held;
  const slot: Slot | undefined = held.own(key);
  if (slot === undefined || slot.kind === 'accessor') return held;
  const next = keptIn(I, slot, more, taints);
  if (next !== slot) {
    I.journals.property(held, key);
    held.props.set(key, next);
  }
  return held;
}
