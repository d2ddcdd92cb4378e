import type * as t from '@babel/types';
import { observe } from '../outside/observe.js';
import { childrenOf } from '../parsing/babel.js';
import { hasTokensWithin } from '../reach/prefilter.js';
import { ofNames } from '../taint/environment-names.js';
import { evaluate } from './expressions.js';
import type { Frame, Interpreter } from './interpreter.js';
import { iterate, keysOf } from './iteration.js';
import { enumerated, knownVariables } from './literals.js';
import { assignPattern } from './patterns.js';
import { Scope } from './scope.js';
import { type Completion, declaration, remember, run, way } from './statements.js';
import { Api, Obj, prim, truth, unknown, type Value } from './value.js';

const OPEN_ROUNDS = 2;

const WORLD_ROUNDS = 3;

/** Rounds over elements that are not known, as long as they change variables. */
const STATES = 4;

interface LoopParts {
  test: t.Expression | null;
  update: t.Expression | null;
  body: t.Statement;
  /** The body runs before the first test. */
  first: boolean;
}

/** Runs a `for` statement. */
export function forStatement(
  I: Interpreter,
  node: t.ForStatement,
  scope: Scope,
  frame: Frame,
  label: string | null,
): Completion {
  const inner = new Scope(scope, I.journals.depth);
  if (node.init) {
    if (node.init.type === 'VariableDeclaration') declaration(I, node.init, inner, frame);
    else evaluate(I, node.init, inner, frame);
  }
  return loop(I, node, inner, frame, label, {
    test: node.test ?? null,
    update: node.update ?? null,
    body: node.body,
    first: false,
  });
}

/** Runs a loop: exactly while its test is known, twice where it is not. */
export function loop(
  I: Interpreter,
  node: t.Statement,
  scope: Scope,
  frame: Frame,
  label: string | null,
  parts: LoopParts,
): Completion {
  let open = 0;
  let world = 0;
  const endless = isEndless(node, parts);
  if (endless) return withoutEnd(I, node, scope, frame, label, parts);
  if (runsToInfinity(parts.test)) hangs(I, node, frame);
  const allowance = I.steps + (decodes(I, node, frame.file) ? Math.max(50_000, (I.stepLimit - I.steps) * 0.6) : 30_000);
  let variables = parts.first ? null : parts.test;
  let rounds = waits(I, node, parts, frame) ? WAITING_ROUNDS : Number.POSITIVE_INFINITY;
  for (;;) {
    if (rounds-- <= 0) return null;
    if (I.steps > allowance) {
      I.fact('limit', 'a loop ran longer than the analysis follows it', frame.file, node.loc?.start.line ?? 0, [
        I.at(node, frame.file, 'step', 'loop'),
      ]);
      return null;
    }
    const test = variables === null ? null : evaluate(I, variables, scope, frame);
    variables = parts.test;
    const known = test === null ? true : truth(test);
    if (known === false) return null;
    const worldBefore = I.worldCalls;
    frame.maybeLeft = false;
    if (known === null) {
      if (open++ >= OPEN_ROUNDS) return null;
      const made = way(I, () => {
        const completion = bodyOnce(I, parts, scope, frame, label);
        if (completion === null && parts.update) evaluate(I, parts.update, scope, frame);
        return completion;
      });
      I.journals.mergeRound(made.changes);
      if (made.completion !== null) {
        const left = leaves(made.completion, label);
        if (left !== 'left') remember(I, frame, made.completion);
        return null;
      }
      continue;
    }
    const completion = bodyOnce(I, parts, scope, frame, label);
    if (completion !== null) return leaves(completion, label) === 'left' ? null : completion;
    const maybeLeft = frame.maybeLeft;
    if (maybeLeft && open++ >= 8) return null;
    if (
      I.worldCalls !== worldBefore &&
      (test === null || parts.test?.type === 'BooleanLiteral') &&
      ++world >= WORLD_ROUNDS
    )
      return null;
    if (I.worldCalls !== worldBefore && ++world > 400) return null;
    if (parts.update) evaluate(I, parts.update, scope, frame);
  }
}

function hangs(I: Interpreter, node: t.Node, frame: Frame): void {
  observe(I, { sink: 'process.kill', api: 'endless loop', target: null, args: [], taints: null, node, frame });
}

/** Reads a loop that nothing in it ends; in a `try`, what it calls of others may: a parser reads on until its input is used up. */
function withoutEnd(
  I: Interpreter,
  node: t.Statement,
  scope: Scope,
  frame: Frame,
  label: string | null,
  parts: LoopParts,
): Completion {
  const calls = I.callsOfOthers;
  let completion: Completion = null;
  for (let round = 0; round < 2 && completion === null; round++) completion = bodyOnce(I, parts, scope, frame, label);
  if (I.caught === 0 || I.callsOfOthers === calls) hangs(I, node, frame);
  return completion;
}

/** Whether the text of a loop names anything that matters, or stands in code whose names say nothing: only then its rounds may be many. */
function decodes(I: Interpreter, node: t.Node, file: string): boolean {
  if (!I.loader.files.has(file) || typeof node.start !== 'number' || typeof node.end !== 'number') return true;
  return hasTokensWithin(I.loader, file, node.start, node.end) || I.loader.obfuscation(file).length > 0;
}

/** Rounds of a loop that waits for something in each of them. */
const WAITING_ROUNDS = 40;

/** Whether a loop without a test waits in its body: it works off what comes, and nothing comes while it runs. */
function waits(I: Interpreter, node: t.Node, { test }: LoopParts, frame: Frame): boolean {
  if (!frame.async || !(test === null || (test.type === 'BooleanLiteral' && test.value))) return false;
  return /\bawait\b/.test(I.loader.excerptWhole(frame.file, node) ?? '');
}

const endlessOf = new WeakMap<t.Node, boolean>();

/** True for loops that nothing inside can end: a test that is always true, and no break, return, throw, await or yield. */
function isEndless(node: t.Node, parts: LoopParts): boolean {
  const test = parts.test;
  const always =
    test === null ||
    (test.type === 'BooleanLiteral' && test.value) ||
    (test.type === 'NumericLiteral' && test.value !== 0) ||
    runsToInfinity(test);
  if (!always) return false;
  let known = endlessOf.get(node);
  if (known === undefined) {
    known = !canLeave(parts.body);
    endlessOf.set(node, known);
  }
  return known;
}

/** `i < Infinity`. */
function runsToInfinity(test: t.Expression | null): boolean {
  return (
    test?.type === 'BinaryExpression' &&
    test.operator.startsWith('<') &&
    test.right.type === 'Identifier' &&
    test.right.name === 'Infinity'
  );
}

const LEAVING = new Set(['BreakStatement', 'ReturnStatement', 'ThrowStatement', 'AwaitExpression', 'YieldExpression']);

function canLeave(body: t.Node): boolean {
  const stack: t.Node[] = [body];
  while (stack.length > 0) {
    const node = stack.pop() as t.Node;
    if (LEAVING.has(node.type) || isProcessExit(node)) return true;
    if (/Function|Class|ObjectMethod/.test(node.type) && node !== body) continue;
    stack.push(...childrenOf(node));
  }
  return false;
}

function isProcessExit(node: t.Node): boolean {
  return node.type === 'MemberExpression' && node.property.type === 'Identifier' && node.property.name === 'exit';
}

function bodyOnce(I: Interpreter, parts: LoopParts, scope: Scope, frame: Frame, label: string | null): Completion {
  const perRound = copyScope(I, scope);
  const completion = run(I, parts.body, perRound, frame);
  return completion !== null &&
    completion.type === 'continue' &&
    (completion.label === null || completion.label === label)
    ? null
    : completion;
}

/** A scope for the body of one round; loop variables stay shared, which is enough for closures that run at once. */
function copyScope(I: Interpreter, scope: Scope): Scope {
  return new Scope(scope, I.journals.depth);
}

/** Whether a completion ends the loop with this label, or something further out. */
export function leaves(completion: Exclude<Completion, null>, label: string | null): 'left' | 'further' {
  return completion.type === 'break' && (completion.label === null || completion.label === label) ? 'left' : 'further';
}

/** Runs `for…of` and `for…in`. */
export function forEach(
  I: Interpreter,
  node: t.ForOfStatement | t.ForInStatement,
  scope: Scope,
  frame: Frame,
  label: string | null,
): Completion {
  const subject = evaluate(I, node.right, scope, frame);
  const { list, exact } = itemsOf(I, node, subject, frame);
  const once = (item: Value): Completion => {
    const inner = new Scope(scope, I.journals.depth);
    if (node.left.type === 'VariableDeclaration') {
      const target = node.left.declarations[0]?.id;
      if (target) assignPattern(I, target, item, inner, frame, node.left.kind === 'var' ? null : inner);
    } else assignPattern(I, node.left, item, inner, frame, null);
    return bodyOnce(I, { test: null, update: null, body: node.body, first: false }, inner, frame, label);
  };
  if (!exact) {
    const open = (item: Value): boolean => {
      const made = way(I, () => once(item));
      I.journals.mergeRound(made.changes);
      if (made.completion !== null && leaves(made.completion, label) === 'further') remember(I, frame, made.completion);
      return made.changes.scopes !== null && made.changes.scopes.size > 0;
    };
    const items = list.slice(0, 12);
    const last = items.pop();
    for (const item of items) open(item);
    // What a round leaves in variables, the next one finds: a parser of lines needs one for each of its states.
    for (let round = 0; last !== undefined && round < STATES && open(last); round++);
    return null;
  }
  for (const item of list) {
    const completion = once(item);
    if (completion !== null) return leaves(completion, label) === 'left' ? null : completion;
  }
  return null;
}

function itemsOf(
  I: Interpreter,
  node: t.ForOfStatement | t.ForInStatement,
  subject: Value,
  frame: Frame,
): { list: Value[]; exact: boolean } {
  if (node.type === 'ForInStatement') {
    const keys = keysOf(subject);
    if (keys !== null) return { list: keys.map((key) => prim(key)), exact: true };
    if (subject instanceof Api) {
      const known = knownVariables(I, subject).map((name) => prim(name));
      const names = unknown(ofNames(enumerated(I, subject, node.right, frame).taints));
      return { list: [...known, names], exact: false };
    }
    return { list: [unknown(ofNames(subject.taints))], exact: false };
  }
  const exact =
    subject.kind === 'prim' ||
    (subject instanceof Obj &&
      subject.rest === null &&
      !(subject instanceof Api) &&
      (subject.elements !== null || subject.cls !== 'Object'));
  return { list: iterate(I, subject, frame), exact };
}
