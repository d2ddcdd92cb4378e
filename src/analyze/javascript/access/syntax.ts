import type * as t from '@babel/types';
import { namesOf } from '../interpreter/scope.js';
import { childrenOf } from '../parsing/babel.js';

/** A function of any spelling. */
export type FunctionNode = Extract<t.Node, { params: unknown[]; body: t.Node }> & { params: t.Node[] };

const FUNCTIONS =
  /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ObjectMethod|ClassMethod|ClassPrivateMethod)$/;

export function isFunction(node: t.Node): node is FunctionNode {
  return FUNCTIONS.test(node.type);
}

/** Whether a node, or one below it, fulfils something; functions inside are looked into only where it is said. */
export function some(node: t.Node, test: (node: t.Node) => boolean, into = false): boolean {
  if (test(node)) return true;
  return childrenOf(node).some((child) => (into || !isFunction(child)) && some(child, test, into));
}

/** Takes away what says nothing about the value: types, brackets, `await`. */
export function plain(node: t.Node): t.Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
    case 'TypeCastExpression':
      return plain(node.expression);
    case 'AwaitExpression':
      return plain(node.argument);
    case 'ChainExpression' as never:
      return plain((node as unknown as { expression: t.Node }).expression);
    default:
      return node;
  }
}

/** The last name of what is called, read or written: `b` of `a.b`, `a` of `a`. */
export function lastName(node: t.Node): string | null {
  const bare = plain(node);
  if (bare.type === 'Identifier') return bare.name;
  if (bare.type === 'PrivateName') return bare.id.name;
  if (bare.type === 'StringLiteral') return bare.value;
  if (bare.type === 'MemberExpression' || bare.type === 'OptionalMemberExpression')
    return bare.computed && bare.property.type !== 'StringLiteral' ? null : lastName(bare.property);
  return null;
}

export function isMember(node: t.Node): node is t.MemberExpression | t.OptionalMemberExpression {
  return node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression';
}

export function isCall(node: t.Node): node is t.CallExpression | t.OptionalCallExpression | t.NewExpression {
  return node.type === 'CallExpression' || node.type === 'OptionalCallExpression' || node.type === 'NewExpression';
}

/** The names that a parameter or another pattern binds. */
export function boundNames(pattern: t.Node): string[] {
  const names = new Set<string>();
  namesOf(pattern.type === 'TSParameterProperty' ? pattern.parameter : pattern, names);
  return [...names];
}
