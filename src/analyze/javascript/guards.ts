import type * as t from '@babel/types';
import type { Guard } from '../observation.js';
import type { Frame, Interpreter } from './interpreter.js';
import { settingOf } from './opt-in.js';
import type { Value } from './value.js';

const guards = new WeakMap<t.Node, Guard>();
const negations = new WeakMap<Guard, Guard>();

const OPPOSITES = new Map([
  ['opt-in', 'no-opt-in'],
  ['no-opt-in', 'opt-in'],
]);

/** The guard that a condition is: one object for a condition as long as it says the same. */
export function guardFor(I: Interpreter, test: Value, node: t.Node, frame: Frame): Guard {
  const taints = test.taints;
  let kind = 'other';
  if (taints !== null) {
    for (const flow of taints) {
      if (flow.source === 'mark.ci') kind = 'ci';
    }
    if (kind === 'other') {
      kind =
        settingOf(test) ??
        I.models.guards.find((row) => taints.some((flow) => row.sources.includes(flow.source)))?.kind ??
        'other';
    }
  }
  const known = guards.get(node);
  if (known !== undefined && known.kind === kind) return known;
  const guard = { kind, text: I.loader.excerpt(frame.file, node), line: node.loc?.start.line ?? 0 };
  guards.set(node, guard);
  return guard;
}

/** The guard of the other way of a condition. */
export function negated(guard: Guard): Guard {
  let made = negations.get(guard);
  if (made === undefined) {
    made = { ...guard, kind: OPPOSITES.get(guard.kind) ?? guard.kind, text: `not (${guard.text})` };
    negations.set(guard, made);
  }
  return made;
}

const MAX_GUARDS = 20;

/** The open conditions with one more; a condition is kept once, and conditions that say nothing end at a bound. */
export function withGuard(guards: Guard[], guard: Guard | null): Guard[] {
  if (guard === null || (guards.length >= MAX_GUARDS && (guard.kind === 'other' || guards.length >= 2 * MAX_GUARDS)))
    return guards;
  if (guards.includes(guard) || guards.some((known) => known.line === guard.line && known.text === guard.text))
    return guards;
  return [...guards, guard];
}
