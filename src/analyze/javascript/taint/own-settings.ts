import type * as t from '@babel/types';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Scope } from '../interpreter/scope.js';
import { constantText, Func, Obj, unknown, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { answerOf, holderOf, type Narrowed } from './asked-names.js';
import { deepTaints } from './inner-taints.js';
import { renamed, type Taints } from './taint.js';

/** Variables that tools put into what everybody gets to see. */
const PUBLIC = /^(?:REACT_APP|VITE|NEXT_PUBLIC|NUXT_PUBLIC|GATSBY|VUE_APP|EXPO_PUBLIC|STORYBOOK|PUBLIC|ELEVENTY)_/;
/** Services whose variables are secrets of the user, whatever a package is called. */
const SERVICES =
  /^(?:aws|amazon|azure|gcp|google|github|gitlab|gh|npm|node|docker|vercel|netlify|heroku|stripe|openai|anthropic|slack|twilio|ci|db|database)$/;
const LEAST_WORD = 3;
const MOST_TOGETHER = 4;

/** Of the whole environment, what a filter keeps that begins with the package's own name are its settings. */
export function keptByOwnPrefix(I: Interpreter, call: Call, element: Value): Value {
  const [callback] = call.args;
  if (!(callback instanceof Func) || !holdsEnvironment(element)) return element;
  const test = answerOf(callback.node);
  const asked = test === null ? null : ownPrefix(I, test, callback.scope);
  return asked === null ? element : unknown(settings(deepTaints(element, 2), asked.prefix));
}

/** The same within `if (name.startsWith('ACME_'))`: the name, and what a loop took together with it. */
export function settingsByName(I: Interpreter, test: t.Node, scope: Scope): Narrowed[] {
  const asked = ownPrefix(I, test, scope);
  const at = asked?.subject.type === 'Identifier' ? holderOf(asked.subject.name, scope) : null;
  if (asked === null || at === null || at.vars.size > MOST_TOGETHER) return [];
  return [...at.vars].flatMap(([variable, before]) =>
    before.kind === 'unknown' && holdsEnvironment(before)
      ? [{ at, variable, before, after: unknown(settings(before.taints, asked.prefix)) }]
      : [],
  );
}

function holdsEnvironment(value: Value): boolean {
  if (value.kind !== 'unknown' && !(value instanceof Obj)) return false;
  return deepTaints(value, 2)?.some(({ source }) => source === 'env.all') ?? false;
}

function settings(taints: Taints, prefix: string): Taints {
  return taints?.map((flow) => (flow.source === 'env.all' ? renamed(flow, 'env.named', `${prefix}*`) : flow)) ?? null;
}

/** `key.startsWith('ACME_')`, alone or with other conditions that have to hold. */
function startsWith(test: t.Node): t.CallExpression | null {
  if (test.type === 'LogicalExpression' && test.operator === '&&')
    return startsWith(test.left) ?? startsWith(test.right);
  const asks =
    test.type === 'CallExpression' &&
    test.callee.type === 'MemberExpression' &&
    test.callee.property.type === 'Identifier' &&
    test.callee.property.name === 'startsWith';
  return asks ? test : null;
}

/** What a condition asks for a prefix of the package's own, and for which. */
function ownPrefix(I: Interpreter, test: t.Node, scope: Scope): { subject: t.Node; prefix: string } | null {
  const asking = startsWith(test);
  const [word] = asking?.arguments ?? [];
  if (asking?.callee.type !== 'MemberExpression' || word === undefined) return null;
  const known = word.type === 'Identifier' ? I.lookUp(word.name, scope) : null;
  const prefix = word.type === 'StringLiteral' ? word.value : known === null ? null : constantText(known);
  return prefix !== null && isOwn(I, prefix) ? { subject: asking.callee.object, prefix } : null;
}

function isOwn(I: Interpreter, prefix: string): boolean {
  if (!/^[A-Za-z]\w*_$/.test(prefix)) return false;
  if (PUBLIC.test(prefix)) return true;
  const [word = ''] = prefix
    .toLowerCase()
    .replace(/^npm_config_/, '')
    .split('_');
  const name = String(I.loader.manifest['name'] ?? '').toLowerCase();
  return word.length >= LEAST_WORD && !SERVICES.test(word) && name.replace(/[^a-z0-9]/g, '').includes(word);
}
