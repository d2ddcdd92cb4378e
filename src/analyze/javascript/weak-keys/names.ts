import type * as t from '@babel/types';
import { boundNames, isFunction, lastName, plain } from '../access/syntax.js';
import { childrenOf } from '../parsing/babel.js';

/** What a name of one function is bound to: its one value, or null where there are several, or where it is changed or handed in. */
export class Names {
  readonly outer: Names | null;
  private readonly values = new Map<string, t.Node | null>();
  private readonly filled = new Set<string>();
  private readonly handed = new Map<string, number>();

  constructor(outer: Names | null, parameters: readonly t.Node[] = []) {
    this.outer = outer;
    for (const [at, parameter] of parameters.entries()) {
      if (parameter.type === 'Identifier') this.handed.set(parameter.name, at);
      for (const name of boundNames(parameter)) this.values.set(name, null);
    }
  }

  bind(name: string, value: t.Node | null): void {
    this.values.set(name, this.values.get(name) === undefined && !this.values.has(name) ? value : null);
  }

  /** A name without a value yet. */
  private readonly open = new Set<string>();

  declare(name: string): void {
    if (!this.values.has(name)) this.open.add(name);
  }

  private holderOf(name: string): Names | null {
    for (let at: Names | null = this; at !== null; at = at.outer)
      if (at.values.has(name) || at.open.has(name)) return at;
    return null;
  }

  assign(name: string, value: t.Node | null): void {
    this.holderOf(name)?.bind(name, value);
  }

  /** What is written into something that a name holds may be anything. */
  change(name: string): void {
    const holder = this.holderOf(name);
    if (holder !== null) holder.values.set(name, null);
  }

  fill(name: string): void {
    this.holderOf(name)?.filled.add(name);
  }

  valueOf(name: string): { value: t.Node | null; names: Names; filled: boolean; handed: number | null } | null {
    const names = this.holderOf(name);
    if (names === null) return null;
    const value = names.values.get(name) ?? null;
    return { value, names, filled: names.filled.has(name), handed: names.handed.get(name) ?? null };
  }
}

const FILLS = /^(?:getRandomValues|randomFillSync)$/;
const CHANGES =
  /^(?:update|write\w*|set\w*|push|unshift|splice|copy|fill|reverse|sort|append|absorb|add|concat|map|forEach)$/;

/** The names that hold in each function of a program, by the function. */
export function namesIn(program: t.Node): Map<t.Node, Names> {
  const scopes = new Map<t.Node, Names>([[program, new Names(null)]]);
  walk(program, scopes, (node, names) => {
    if (node.type === 'FunctionDeclaration' && node.id) names.bind(node.id.name, node);
    if (node.type !== 'VariableDeclarator') return;
    if (node.id.type === 'Identifier' && node.init) names.bind(node.id.name, node.init);
    else if (node.id.type === 'Identifier') names.declare(node.id.name);
    else for (const name of boundNames(node.id)) names.bind(name, null);
  });
  walk(program, scopes, (node, names) => {
    if (node.type === 'AssignmentExpression') {
      if (node.left.type === 'Identifier') names.assign(node.left.name, node.operator === '=' ? node.right : null);
      else changeRoot(node.left, names);
    } else if (node.type === 'UpdateExpression') changeRoot(node.argument, names);
    else if (node.type === 'ExpressionStatement') changed(node.expression, names);
    else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
      const left = node.left.type === 'VariableDeclaration' ? node.left.declarations[0]?.id : node.left;
      for (const name of left === undefined ? [] : boundNames(left)) names.change(name);
    }
  });
  return scopes;
}

function changed(expression: t.Node, names: Names): void {
  const call = plain(expression);
  if (call.type !== 'CallExpression') return;
  const name = lastName(call.callee) ?? '';
  const [first] = call.arguments;
  if (FILLS.test(name) && first?.type === 'Identifier') names.fill(first.name);
  else {
    if (call.callee.type === 'MemberExpression' && CHANGES.test(name)) changeRoot(call.callee.object, names);
    for (const each of call.arguments) if (each.type === 'Identifier') names.change(each.name);
  }
}

function changeRoot(node: t.Node, names: Names): void {
  let at = plain(node);
  while (at.type === 'MemberExpression' || at.type === 'CallExpression')
    at = plain(at.type === 'MemberExpression' ? at.object : at.callee);
  if (at.type === 'Identifier') names.change(at.name);
}

/** Goes through a program with the names of the function that each node stands in. */
export function walk(
  program: t.Node,
  scopes: Map<t.Node, Names>,
  visit: (node: t.Node, names: Names, owner: t.Node, parent: t.Node | null) => void,
): void {
  const top = scopes.get(program) as Names;
  const stack: [t.Node, Names, t.Node, t.Node | null][] = [[program, top, program, null]];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const [node, names, owner, parent] = at;
    visit(node, names, owner, parent);
    let inner = names;
    if (isFunction(node)) {
      inner = scopes.get(node) ?? new Names(names, node.params);
      scopes.set(node, inner);
    }
    const holder = isFunction(node) ? node : owner;
    for (const child of childrenOf(node).reverse()) stack.push([child, inner, holder, node]);
  }
}
