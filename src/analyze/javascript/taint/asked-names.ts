import type * as t from '@babel/types';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Scope } from '../interpreter/scope.js';
import {
  alternatives,
  constantText,
  Func,
  HOLE,
  joinAll,
  Obj,
  prim,
  Store,
  text,
  type Value,
} from '../interpreter/value.js';
import { shapesOf } from '../parsing/pattern-shapes.js';
import { settingsByName } from './own-settings.js';
import { secretsByName } from './secret-names.js';

/** What a condition says of a name that is not known: `name`, or a member of it: `entry.name`. */
interface Asked {
  name: string;
  member: string | null;
  shapes: string[];
}

/** As many as a union holds. */
const MOST_SHAPES = 8;
const FROM_OTHERS = /^(?:param|given|argv|input|json|net\.response)/;

/** A variable, and what it was and became by a condition. */
export interface Narrowed {
  at: Scope;
  variable: string;
  before: Value;
  after: Value;
}

/** Lets a variable that may be anything be what a condition has found it to be: `/^\.env/.test(name)`, `name.endsWith('.pem')`. */
export function narrowVariable(I: Interpreter, test: t.Node, holds: boolean, scope: Scope): Narrowed[] {
  if (!mayAsk(test)) return [];
  const all: Narrowed[] = [];
  for (const asked of askedIn(I, test, holds, scope)) {
    const at = holderOf(asked.name, scope);
    const before = at?.own(asked.name);
    if (at === null || before === undefined || before.kind === 'import') continue;
    const after = as(I, before, asked);
    if (after !== null) all.push({ at, variable: asked.name, before, after }, ...pathsOf(asked, scope, at));
  }
  if (holds) all.push(...secretsByName(I, test, scope), ...settingsByName(I, test, scope));
  for (const { at, variable, after } of all) set(I, at, variable, after);
  return all;
}

/** The same for one way of a condition: what it did not change itself is afterwards what it was. */
export function narrowedWithin<T>(I: Interpreter, test: t.Node, holds: boolean, scope: Scope, run: () => T): T {
  const all = narrowVariable(I, test, holds, scope);
  try {
    return run();
  } finally {
    for (const { at, variable, before, after } of all) if (at.own(variable) === after) set(I, at, variable, before);
  }
}

function set(I: Interpreter, at: Scope, variable: string, value: Value): void {
  I.journals.variable(at, variable);
  at.vars.set(variable, value);
}

/** The scope that declares a name. */
export function holderOf(name: string, scope: Scope): Scope | null {
  for (let at: Scope | null = scope; at !== null; at = at.parent) if (at.own(name) !== undefined) return at;
  return null;
}

/** Paths that were put together of the name before it was looked at: `const path = join(folder, name)`. */
function pathsOf({ name, shapes }: Asked, scope: Scope, holder: Scope): Narrowed[] {
  const paths: Narrowed[] = [];
  for (let at: Scope | null = scope; at !== null; at = at === holder ? null : at.parent) {
    for (const [variable, before] of at.vars) {
      if (variable === name || before.kind === 'import') continue;
      const after = alternatives(before).map((each) => namedIn(each, shapes));
      if (after.some((each) => each !== null))
        paths.push({
          at,
          variable,
          before,
          after: joinAll(after.map((each, index) => each ?? (alternatives(before)[index] as Value))),
        });
    }
  }
  return paths;
}

/** `folder/…` with what the last part was found to be. */
function namedIn(path: Value, shapes: readonly string[]): Value | null {
  if (path.kind !== 'text' || !path.text.endsWith(`/${HOLE}`)) return null;
  const folder = path.text.slice(0, -HOLE.length);
  return joinAll(shapes.map((shape) => text(folder + shape, path.taints)));
}

const asking = new WeakMap<t.Node, boolean>();

/** Whether a condition has the form of one that speaks of a name; most do not. */
function mayAsk(test: t.Node): boolean {
  let known = asking.get(test);
  if (known === undefined) {
    known =
      test.type === 'UnaryExpression'
        ? mayAsk(test.argument)
        : test.type === 'LogicalExpression'
          ? mayAsk(test.left) || mayAsk(test.right)
          : test.type === 'BinaryExpression'
            ? test.left.type === 'StringLiteral' || test.right.type === 'StringLiteral'
            : test.type === 'CallExpression' &&
              /^(?:test|match|startsWith|endsWith|includes|has)$/.test(nameOf(test.callee));
    asking.set(test, known);
  }
  return known;
}

/** What is left of an unknown element of a list by the condition of `filter` or `find`. */
export function narrowElement(I: Interpreter, callback: Value | undefined, element: Value): Value {
  if (!(callback instanceof Func) || !('params' in callback.node)) return element;
  const [param] = callback.node.params;
  const test = answerOf(callback.node);
  if (test === null || param === undefined) return element;
  if (param.type === 'Identifier') {
    const asked = askedIn(I, test, true, callback.scope).find(({ name }) => name === param.name);
    return (asked && as(I, element, asked)) ?? element;
  }
  return element;
}

/** The expression that a short callback answers with. */
export function answerOf(node: Func['node']): t.Node | null {
  if (node.type === 'ArrowFunctionExpression' && node.body.type !== 'BlockStatement') return node.body;
  if (!('body' in node) || node.body.type !== 'BlockStatement') return null;
  const [statement] = node.body.body;
  return node.body.body.length === 1 && statement?.type === 'ReturnStatement' ? (statement.argument ?? null) : null;
}

/** The class of what a folder lists with its types: the name is not known, the folder is. */
export const DIRENT = 'Dirent';

function as(I: Interpreter, value: Value, asked: Asked): Value | null {
  const { member, shapes } = asked;
  if (value instanceof Obj && value.cls === DIRENT && value.rest !== null && member !== null) {
    const entry = as(I, value.rest, asked);
    if (entry instanceof Obj) for (const [name, slot] of value.props) if (name !== member) entry.props.set(name, slot);
    return entry;
  }
  if (value.kind !== 'unknown' || value.taints?.some(({ source }) => FROM_OTHERS.test(source)) === true) return null;
  const named = joinAll(
    shapes.map((shape) => (shape.includes(HOLE) ? text(shape, value.taints) : prim(shape, value.taints))),
  );
  if (member === null) return named;
  const entry = I.object();
  entry.taints = value.taints;
  entry.rest = value;
  entry.props.set(member, named);
  return entry;
}

function askedIn(I: Interpreter, test: t.Node, holds: boolean, scope: Scope): Asked[] {
  if (test.type === 'UnaryExpression' && test.operator === '!') return askedIn(I, test.argument, !holds, scope);
  if (test.type === 'LogicalExpression') {
    const both = [test.left, test.right].map((side) => askedIn(I, side, holds, scope));
    // Of `a && b` both hold; of `a || b` one does, which says something only where both speak of the same.
    if ((test.operator === '&&') === holds) return both.flat();
    return test.operator === '??' ? [] : either(both[0] ?? [], both[1] ?? []);
  }
  const asked = holds || test.type === 'BinaryExpression' ? plainly(I, test, holds, scope) : null;
  return asked === null || asked.shapes.length > MOST_SHAPES ? [] : [asked];
}

function either(left: readonly Asked[], right: readonly Asked[]): Asked[] {
  return left.flatMap((one) => {
    const other = right.find(({ name, member }) => name === one.name && member === one.member);
    return other === undefined ? [] : [{ ...one, shapes: [...one.shapes, ...other.shapes] }];
  });
}

function plainly(I: Interpreter, test: t.Node, holds: boolean, scope: Scope): Asked | null {
  if (test.type === 'BinaryExpression') return compared(test, holds);
  if (test.type !== 'CallExpression' || test.callee.type !== 'MemberExpression' || test.callee.computed) return null;
  const { object, property } = test.callee;
  const [first] = test.arguments;
  if (first === undefined || property.type !== 'Identifier') return null;
  switch (property.name) {
    case 'test':
      return about(first, patternOf(I, object, scope));
    case 'match':
      return about(object, patternOf(I, first, scope));
    case 'startsWith':
      return about(
        object,
        shaped(first, (part) => `${part}${HOLE}`),
      );
    case 'endsWith':
      return about(
        object,
        shaped(first, (part) => `${HOLE}${part}`),
      );
    case 'includes':
      return (
        about(
          object,
          shaped(first, (part) => `${HOLE}${part}${HOLE}`),
        ) ?? about(first, membersOf(I, object, scope))
      );
    case 'has':
      return about(first, membersOf(I, object, scope));
    default:
      return null;
  }
}

function compared(test: t.BinaryExpression, holds: boolean): Asked | null {
  const isSame = test.operator === '===' || test.operator === '==';
  const isOther = test.operator === '!==' || test.operator === '!=';
  if (holds ? !isSame : !isOther) return null;
  const [subject, word] = test.right.type === 'StringLiteral' ? [test.left, test.right] : [test.right, test.left];
  return about(
    subject,
    shaped(word, (part) => part),
  );
}

function shaped(node: t.Node, shape: (part: string) => string): string[] | null {
  if (node.type !== 'StringLiteral' || node.value.length <= 2) return null;
  const part = shape(node.value);
  return part !== node.value && WHOLE.test(node.value) ? [node.value, part] : [part];
}

/** Names that are whole as they stand, and have others like them: `.env` beside `.env.local`. */
const WHOLE = /^\.(?:env|npmrc|yarnrc|netrc|pypirc|git-credentials|ssh|aws|kube)$/;

function patternOf(I: Interpreter, node: t.Node, scope: Scope): string[] | null {
  const source = patternSource(I, node, scope);
  return source === null ? null : shapesOf(source);
}

/** The text of a regular expression that stands there, or in the variable that does. */
export function patternSource(I: Interpreter, node: t.Node, scope: Scope): string | null {
  if (node.type === 'RegExpLiteral') return node.pattern;
  if (node.type !== 'Identifier') return null;
  const value = I.lookUp(node.name, scope);
  return value instanceof Obj && 'source' in value && typeof value.source === 'string' ? value.source : null;
}

/** Constants of a list or set that stands in the code. */
function membersOf(I: Interpreter, node: t.Node, scope: Scope): string[] | null {
  if (node.type === 'ArrayExpression')
    return node.elements.length > MOST_SHAPES ? null : texts(node.elements.map((each) => wordOf(each)));
  if (node.type !== 'Identifier') return null;
  const value = I.lookUp(node.name, scope);
  if (!(value instanceof Obj) || value.rest !== null) return null;
  const members = value instanceof Store ? [...value.entries.values()].map(([key]) => key) : (value.elements ?? []);
  return members.length > MOST_SHAPES ? null : texts(members.map((each) => constantText(each)));
}

function wordOf(node: t.Node | null): string | null {
  return node?.type === 'StringLiteral' ? node.value : null;
}

function texts(words: readonly (string | null)[]): string[] | null {
  return words.length > 0 && words.every((word): word is string => word !== null && word.length > 1)
    ? [...words]
    : null;
}

/** What is asked about: a variable, a member of one, the last part of a path, in whatever case. */
function about(node: t.Node, shapes: string[] | null): Asked | null {
  if (shapes === null) return null;
  if (node.type === 'Identifier') return { name: node.name, member: null, shapes };
  if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier')
    return node.object.type === 'Identifier' && node.property.name !== 'length'
      ? { name: node.object.name, member: node.property.name, shapes }
      : null;
  if (node.type !== 'CallExpression') return null;
  const called = nameOf(node.callee);
  const [first] = node.arguments;
  if (node.callee.type === 'MemberExpression' && /^to(?:Lower|Upper)Case$|^trim$/.test(called))
    return about(node.callee.object, shapes);
  if (first === undefined || !/^(?:basename|extname|String)$/.test(called)) return null;
  return about(first, called === 'String' ? shapes : shapes.map((shape) => `${HOLE}${shape}`));
}

function nameOf(callee: t.Node): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
}
