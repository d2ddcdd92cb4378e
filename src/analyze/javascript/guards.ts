import type * as t from '@babel/types';
import type { Guard } from '../observation.js';
import type { Frame, Interpreter } from './interpreter.js';
import type { Value } from './value.js';

/** The guard that a condition is, or null where it says nothing of time, place or person. */
export function guardFor(I: Interpreter, test: Value, node: t.Node, frame: Frame, negated: boolean): Guard | null {
  const taints = test.taints;
  let kind = 'other';
  if (taints !== null) {
    for (const flow of taints) {
      if (flow.source === 'mark.ci') kind = 'ci';
    }
    if (kind === 'other') {
      kind = I.models.guards.find((row) => taints.some((flow) => row.sources.includes(flow.source)))?.kind ?? 'other';
    }
  }
  const shown = I.loader.excerpt(frame.file, node);
  return { kind, text: negated ? `not (${shown})` : shown, line: node.loc?.start.line ?? 0 };
}

const MAX_GUARDS = 20;

/** The open conditions with one more; a condition is kept once, and conditions that say nothing end at a bound. */
export function withGuard(guards: Guard[], guard: Guard | null): Guard[] {
  if (guard === null || (guards.length >= MAX_GUARDS && (guard.kind === 'other' || guards.length >= 2 * MAX_GUARDS)))
    return guards;
  if (guards.some((known) => known.line === guard.line && known.text === guard.text)) return guards;
  return [...guards, guard];
}
