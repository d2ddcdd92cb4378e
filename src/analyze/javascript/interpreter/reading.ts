import type * as t from '@babel/types';

const known = new WeakMap<t.Node, boolean>();

/** True for expressions that only read names, literals and plain properties: they write nothing, so that no branch has to be opened for them. */
export function onlyReads(node: t.Node): boolean {
  switch (node.type) {
    case 'Identifier':
      return node.name !== 'arguments';
    case 'StringLiteral':
    case 'NumericLiteral':
    case 'BooleanLiteral':
    case 'NullLiteral':
    case 'ThisExpression':
      return true;
    case 'MemberExpression':
    case 'UnaryExpression':
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'ConditionalExpression': {
      let found = known.get(node);
      if (found === undefined) {
        found = partsOnlyRead(node);
        known.set(node, found);
      }
      return found;
    }
    default:
      return false;
  }
}

function partsOnlyRead(
  node: t.MemberExpression | t.UnaryExpression | t.BinaryExpression | t.LogicalExpression | t.ConditionalExpression,
): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return !node.computed && onlyReads(node.object);
    case 'UnaryExpression':
      return node.operator !== 'delete' && node.operator !== 'throw' && onlyReads(node.argument);
    case 'BinaryExpression':
      // Other operators may call `toString` or `valueOf` of the sample.
      return /^[=!]==?$/.test(node.operator) && onlyReads(node.left) && onlyReads(node.right);
    case 'LogicalExpression':
      return onlyReads(node.left) && onlyReads(node.right);
    default:
      return onlyReads(node.test) && onlyReads(node.consequent) && onlyReads(node.alternate);
  }
}
