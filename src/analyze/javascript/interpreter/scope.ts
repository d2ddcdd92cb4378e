import type * as t from '@babel/types';
import type { Value } from './value.js';

/** A variable whose value is read through the module that exports it. */
export interface ImportBinding {
  kind: 'import';
  read: () => Value;
}

/** Variables of one function or block. */
export class Scope {
  private declared: Map<string, Value | ImportBinding> | null = null;
  readonly parent: Scope | null;
  depth: number;
  /** The object of a `with` statement, whose properties shadow outer variables. */
  with: Value | null = null;
  constructor(parent: Scope | null, depth: number) {
    this.parent = parent;
    this.depth = depth;
  }
  /** Its variables by name; the map is made when first asked for, for most blocks declare nothing. */
  get vars(): Map<string, Value | ImportBinding> {
    this.declared ??= new Map();
    return this.declared;
  }
  /** How many variables it has, without making the map. */
  get size(): number {
    return this.declared === null ? 0 : this.declared.size;
  }
  /** One variable, without making the map. */
  own(name: string): Value | ImportBinding | undefined {
    return this.declared === null ? undefined : this.declared.get(name);
  }
}

/** What hoisting finds in a function body, worked out once for each body. */
export interface Hoisted {
  vars: string[];
  functions: t.FunctionDeclaration[];
}

const hoistedOf = new WeakMap<t.Node, Hoisted>();
const lexicalOf = new WeakMap<t.Node, boolean>();

/** `var` names and top-level function declarations of a list of statements (not of inner functions). */
export function hoist(owner: t.Node, body: readonly t.Statement[]): Hoisted {
  const known = hoistedOf.get(owner);
  if (known !== undefined) return known;
  const vars = new Set<string>();
  const functions: t.FunctionDeclaration[] = [];
  const stack: (t.Node | null | undefined)[] = [];
  for (let index = body.length - 1; index >= 0; index--) stack.push(body[index]);
  const top = new Set<t.Node>(body);
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === null || node === undefined) continue;
    switch (node.type) {
      case 'FunctionDeclaration':
        if (top.has(node)) functions.push(node);
        else if (node.id) vars.add(node.id.name);
        break;
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration': {
        const inner = node.declaration;
        if (inner?.type === 'FunctionDeclaration') functions.push(inner);
        else stack.push(inner);
        break;
      }
      case 'VariableDeclaration':
        if (node.kind === 'var') for (const each of node.declarations) namesOf(each.id, vars);
        break;
      case 'IfStatement':
        stack.push(node.alternate, node.consequent);
        break;
      case 'ForStatement':
        stack.push(node.body, node.init);
        break;
      case 'ForInStatement':
      case 'ForOfStatement':
        stack.push(node.body, node.left);
        break;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'LabeledStatement':
      case 'WithStatement':
        stack.push(node.body);
        break;
      case 'BlockStatement':
      case 'StaticBlock':
        for (const each of node.body) stack.push(each);
        break;
      case 'SwitchStatement':
        for (const each of node.cases) for (const inner of each.consequent) stack.push(inner);
        break;
      case 'TryStatement':
        stack.push(node.finalizer, node.handler?.body, node.block);
        break;
    }
  }
  const out = { vars: [...vars], functions };
  hoistedOf.set(owner, out);
  return out;
}

/** Names that a pattern binds. */
export function namesOf(pattern: t.Node | null | undefined, out: Set<string>): void {
  const stack: (t.Node | null | undefined)[] = [pattern];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node) continue;
    if (node.type === 'Identifier') out.add(node.name);
    else if (node.type === 'ObjectPattern') {
      for (const each of node.properties) stack.push(each.type === 'RestElement' ? each.argument : each.value);
    } else if (node.type === 'ArrayPattern') stack.push(...node.elements);
    else if (node.type === 'AssignmentPattern') stack.push(node.left);
    else if (node.type === 'RestElement') stack.push(node.argument);
  }
}

/** True when a block declares let, const, class or a function, and so needs its own scope. */
export function hasLexical(owner: t.Node, body: readonly t.Statement[]): boolean {
  const known = lexicalOf.get(owner);
  if (known !== undefined) return known;
  const found = body.some(
    (node) =>
      (node.type === 'VariableDeclaration' && node.kind !== 'var') ||
      node.type === 'ClassDeclaration' ||
      node.type === 'FunctionDeclaration',
  );
  lexicalOf.set(owner, found);
  return found;
}
