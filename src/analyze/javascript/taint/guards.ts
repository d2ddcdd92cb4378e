import type * as t from '@babel/types';
import type { Guard } from '../../observation.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import type { Value } from '../interpreter/value.js';
import type { ModuleLoader } from '../modules/modules.js';
import { OF_A_HANDLER } from '../outside/request-handlers.js';
import { noteFlag, sameFlag } from './implicit-flows.js';
import { settingOf } from './opt-in.js';
import { asChance, isOfName } from './random-names.js';
import type { Flow, Taints } from './taint.js';
import type { TaintModels } from './taint-models.js';

const guards = new WeakMap<t.Node, Guard>();
const negations = new WeakMap<Guard, Guard>();
/** The first row of a table that names a source. */
const rowsOf = new WeakMap<TaintModels, Map<string, number>>();

const OPPOSITES = new Map([
  ['opt-in', 'no-opt-in'],
  ['no-opt-in', 'opt-in'],
]);

/** A condition of the sample; its text is cut out of the source when somebody asks for it. */
class Condition implements Guard {
  readonly kind: string;
  readonly line: number;
  private readonly loader: ModuleLoader;
  private readonly file: string;
  private readonly node: t.Node;

  constructor(kind: string, loader: ModuleLoader, file: string, node: t.Node) {
    this.kind = kind;
    this.line = node.loc?.start.line ?? 0;
    this.loader = loader;
    this.file = file;
    this.node = node;
  }

  get text(): string {
    return this.loader.excerpt(this.file, this.node);
  }
}

/** The guard that a condition is: one object for a condition as long as it says the same. */
export function guardFor(I: Interpreter, test: Value, node: t.Node, frame: Frame): Guard {
  const first = kindOf(I, test, looksInto(node) ? asChance(test.taints) : test.taints);
  const kind = first === 'hostname' && isOfFolders(test) && !saysWhich(node) ? 'folder' : first;
  const known = guards.get(node);
  if (known !== undefined && known.kind === kind) return known;
  const guard = noteFlag(test, new Condition(kind, I.loader, frame.file, node));
  guards.set(node, guard);
  return guard;
}

/** Whether all that a condition has of the machine is where the working folder and the home folder are. */
function isOfFolders({ taints }: Value): boolean {
  return (taints ?? []).every(
    ({ source, detail }) =>
      source !== 'mark.hostname' &&
      (source !== 'identity.host' || /^(?:cwd|os\.homedir|INIT_CWD|PWD|OLDPWD)$/.test(detail)),
  );
}

/** Whether the condition names what it looks for: `home.includes('sandbox')`, and not only whether there is something. */
function saysWhich(node: t.Node): boolean {
  switch (node.type) {
    case 'UnaryExpression':
      return saysWhich(node.argument);
    case 'LogicalExpression':
      return saysWhich(node.left) || saysWhich(node.right);
    case 'BinaryExpression':
      return isText(node.left) || isText(node.right);
    case 'CallExpression':
      return (
        node.callee.type === 'MemberExpression' &&
        node.callee.property.type === 'Identifier' &&
        SEARCHES.test(node.callee.property.name) &&
        (isText(node.callee.object) || node.arguments.some(isText))
      );
    default:
      return false;
  }
}

/** Whether the condition looks for letters in a text: `name.startsWith('a')`, where a name that is random is a dice. */
function looksInto(node: t.Node): boolean {
  if (node.type === 'UnaryExpression') return looksInto(node.argument);
  if (node.type === 'LogicalExpression') return looksInto(node.left) || looksInto(node.right);
  return (
    node.type === 'CallExpression' &&
    node.arguments.length === 1 &&
    node.callee.type === 'MemberExpression' &&
    saysWhich(node)
  );
}

const SEARCHES = /^(?:includes|startsWith|endsWith|indexOf|match|test|search|exec|has)$/;

function isText({ type }: t.Node): boolean {
  return type === 'StringLiteral' || type === 'TemplateLiteral' || type === 'RegExpLiteral';
}

function kindOf(I: Interpreter, test: Value, taints: Taints): string {
  if (taints === null) return 'other';
  // Rows before that of CI are what matters beside it.
  if (taints.some(({ source }) => source === 'mark.ci')) return kindOfSources(I, taints) ?? 'ci';
  return settingOf(test) ?? kindOfSources(I, taints) ?? (taints.some(isOfRequest) ? 'request' : 'other');
}

/** Whether something came with a request that a server received. */
function isOfRequest({ source, detail }: Flow): boolean {
  return source === 'input.request' || (source === 'param' && detail.endsWith(OF_A_HANDLER));
}

/** The guard that a handler of requests is: somebody sends one. */
export function requestGuard(I: Interpreter, handler: t.Node, file: string): Guard {
  let guard = guards.get(handler);
  if (guard === undefined) {
    guard = new Condition('request', I.loader, file, handler);
    guards.set(handler, guard);
  }
  return guard;
}

/** The kind of the first row of the tables that names one of the sources. */
function kindOfSources({ models }: Interpreter, taints: NonNullable<Taints>): string | null {
  let rows = rowsOf.get(models);
  if (rows === undefined) {
    rows = new Map();
    for (const [row, { sources }] of models.guards.entries())
      for (const source of sources) if (!rows.has(source)) rows.set(source, row);
    rowsOf.set(models, rows);
  }
  let first = models.guards.length;
  for (const flow of taints) if (!isOfName(flow)) first = Math.min(first, rows.get(flow.source) ?? first);
  return models.guards[first]?.kind ?? null;
}

/** The other way of a condition. */
class Negation implements Guard {
  readonly kind: string;
  readonly line: number;
  private readonly of: Guard;

  constructor(of: Guard) {
    this.of = of;
    this.kind = OPPOSITES.get(of.kind) ?? of.kind;
    this.line = of.line;
  }

  get text(): string {
    return `not (${this.of.text})`;
  }
}

/** The guard of the other way of a condition. */
export function negated(guard: Guard): Guard {
  let made = negations.get(guard);
  if (made === undefined) {
    made = sameFlag(guard, new Negation(guard));
    negations.set(guard, made);
  }
  return made;
}

const MAX_GUARDS = 20;

/** The open conditions with one more; a condition is kept once, and conditions that say nothing end at a bound. */
export function withGuard(guards: Guard[], guard: Guard | null): Guard[] {
  if (guard === null || (guards.length >= MAX_GUARDS && (guard.kind === 'other' || guards.length >= 2 * MAX_GUARDS)))
    return guards;
  for (const known of guards)
    if (known === guard || (known.line === guard.line && known.text === guard.text)) return guards;
  return [...guards, guard];
}

/** Guards as observations keep them: observations outlive the syntax trees that conditions are parts of. */
export function told(guards: readonly Guard[]): Guard[] {
  return guards.map(({ kind, text, line }) => ({ kind, text, line }));
}
