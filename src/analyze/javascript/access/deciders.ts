import type * as t from '@babel/types';
import { type Comparison, comparisonOf } from './comparisons.js';
import type { Constants } from './constants.js';
import { isFunction, plain } from './syntax.js';

/** A comparison with a word of the code that decides what a condition is. */
export interface Decider {
  comparison: Comparison;
  /** What the condition is where the word was given. */
  becomes: boolean;
  /** What else is asked: beside it, so that the word is enough, or with it. */
  beside: t.Node[];
  together: t.Node[];
}

const MOST_DEPTH = 5;

/** The comparisons with words of the code that open or close a condition by themselves, or with others of its parts. */
export function decidersOf(test: t.Node, constants: Constants, depth = 0): Decider[] {
  if (depth > MOST_DEPTH) return [];
  const node = plain(test);
  if (node.type === 'UnaryExpression' && node.operator === '!')
    return decidersOf(node.argument, constants, depth + 1).map((each) => ({ ...each, becomes: !each.becomes }));
  if (node.type === 'LogicalExpression' && node.operator !== '??') return logical(node, constants, depth);
  if (node.type === 'Identifier') {
    const value = constants.valueOf(node.name);
    const held = value === undefined || isFunction(value) ? null : plain(value);
    if (held?.type === 'LogicalExpression') return decidersOf(held, constants, depth + 1);
  }
  const comparison = comparisonOf(node, constants);
  return comparison === null ? [] : [{ comparison, becomes: !comparison.differs, beside: [], together: [] }];
}

function logical(node: t.LogicalExpression, constants: Constants, depth: number): Decider[] {
  const parts = partsOf(node, node.operator);
  // `a || word`: the word makes it true; `a && not word`: the word makes it false. Otherwise the others decide with it.
  const alone = node.operator === '||';
  return parts.flatMap((part) =>
    decidersOf(part, constants, depth + 1).map((each) => {
      const others = parts.filter((other) => other !== part);
      return each.becomes === alone
        ? { ...each, beside: [...each.beside, ...others] }
        : { ...each, together: [...each.together, ...others] };
    }),
  );
}

function partsOf(test: t.Node, operator: string): t.Node[] {
  const node = plain(test);
  return node.type === 'LogicalExpression' && node.operator === operator
    ? [...partsOf(node.left, operator), ...partsOf(node.right, operator)]
    : [node];
}
