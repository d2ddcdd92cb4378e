import type * as t from '@babel/types';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Scope } from '../interpreter/scope.js';
import { Func, tainted, unknown, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { answerOf, holderOf, type Narrowed, patternSource } from './asked-names.js';
import { deepTaints } from './inner-taints.js';
import { joinTaints, sourceFlow } from './taint.js';

/** What a pattern says that looks for secrets by their names: `/_(TOKEN|KEY|SECRET)$/`. */
const WORDS = /token|secret|passw|api[-_]?key|private[-_]?key|credential|mnemonic|_KEY\b|\bpin\b/i;
const OF_OTHERS = /^(?:param|given|json|input)/;
const DEEPEST = 4;

/** Of what others handed over, what a filter keeps whose names look like those of secrets is one. */
export function keptBySecretName(I: Interpreter, call: Call, element: Value): Value {
  const [callback] = call.args;
  if (!(callback instanceof Func)) return element;
  if (!isOthers(element)) return element;
  const test = answerOf(callback.node);
  const asked = test === null ? null : askedPattern(I, test, callback.scope, DEEPEST);
  if (asked === null) return element;
  const step = I.at(call.node, call.frame.file, 'source', noteOf(asked.pattern));
  I.touch('param.secret', asked.pattern, step);
  return tainted(element, sourceFlow('param.secret', asked.pattern, step));
}

/** The same within `if (/SECRET/.test(name))`: the name, and what a loop took together with it. */
export function secretsByName(I: Interpreter, test: t.Node, scope: Scope): Narrowed[] {
  const asked = askedPattern(I, test, scope, DEEPEST);
  const at = asked?.subject.type === 'Identifier' ? holderOf(asked.subject.name, scope) : null;
  if (asked === null || at === null || at.vars.size > MOST_TOGETHER) return [];
  const out: Narrowed[] = [];
  for (const [variable, before] of at.vars) {
    if (before.kind !== 'unknown' || !isOthers(before)) continue;
    const flow = sourceFlow('param.secret', asked.pattern, I.at(test, I.entry.file, 'source', noteOf(asked.pattern)));
    out.push({ at, variable, before, after: unknown(joinTaints(before.taints, flow)) });
  }
  return out;
}

const MOST_TOGETHER = 4;

function isOthers(value: Value): boolean {
  return deepTaints(value, 2)?.some(({ source }) => OF_OTHERS.test(source)) ?? false;
}

function noteOf(pattern: string): string {
  return `what is called like a secret: /${pattern}/`;
}

/** The pattern of secrets' names that a condition asks for, and what it asks about. */
function askedPattern(
  I: Interpreter,
  test: t.Node,
  scope: Scope,
  depth: number,
): { pattern: string; subject: t.Node } | null {
  if (depth === 0) return null;
  if (test.type === 'LogicalExpression')
    return askedPattern(I, test.left, scope, depth - 1) ?? askedPattern(I, test.right, scope, depth - 1);
  if (test.type !== 'CallExpression' || test.callee.type !== 'MemberExpression') return null;
  const { object, property } = test.callee;
  const [subject] = test.arguments;
  if (property.type !== 'Identifier' || property.name !== 'test' || subject === undefined) return null;
  const pattern = patternSource(I, object, scope);
  return pattern !== null && WORDS.test(pattern) ? { pattern, subject } : null;
}
