import type * as t from '@babel/types';
import type { Constants } from './constants.js';
import { type FunctionNode, isCall, isFunction, isMember, lastName, plain, some } from './syntax.js';
import { isPasswordLike, isUnguessable } from './word-shapes.js';

/** What is compared with a word of the code. */
export interface Comparison {
  /** The side that is not of the code. */
  value: t.Node;
  word: string;
  /** It is true where they differ. */
  differs: boolean;
  /** The word is no word that somebody would guess; otherwise it may be made of one. */
  strong: boolean;
  node: t.Node;
  /** The function of the file that compares, where it is called, and what it compares. */
  within?: { made: FunctionNode; value: t.Node };
}

const MOST_DEPTH = 4;
const SAME = /equal|compare|same|match|constantTime|safeCmp|timingSafe|^is$/i;
const HASHES = /hash|crc|fnv|djb|adler|murmur|digest|checksum/i;

/** The comparison with a word of the code that an expression is. */
export function comparisonOf(expression: t.Node, constants: Constants, depth = 0): Comparison | null {
  if (depth > MOST_DEPTH) return null;
  const node = plain(expression);
  switch (node.type) {
    case 'UnaryExpression': {
      const inner = node.operator === '!' ? comparisonOf(node.argument, constants, depth) : null;
      return inner === null ? null : { ...inner, differs: !inner.differs };
    }
    case 'BinaryExpression':
      return binary(node, constants, depth);
    case 'CallExpression':
    case 'OptionalCallExpression':
      return called(node, constants, depth);
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      // A table of words that is asked for one.
      return node.computed && node.object.type === 'Identifier'
        ? withTexts(node.property, node.object, node, constants)
        : null;
    case 'Identifier': {
      const value = constants.valueOf(node.name);
      return value === undefined || isFunction(value) ? null : comparisonOf(value, constants, depth + 1);
    }
    default:
      return null;
  }
}

function binary(node: t.BinaryExpression, constants: Constants, depth: number): Comparison | null {
  const { left, right, operator } = node;
  if (operator === 'in') return withTexts(left, right, node, constants);
  const differs = operator.startsWith('!');
  if (/^[=!]==?$/.test(operator)) {
    const sought = found(left, right, constants, depth) ?? found(right, left, constants, depth);
    if (sought !== null) return { ...sought, differs: sought.differs !== differs };
    const direct = withTexts(left, right, node, constants) ?? withTexts(right, left, node, constants);
    return direct === null ? numbers(node, differs) : { ...direct, differs };
  }
  // `>= 0` and `> -1` both hold where it was found.
  const sought = /^>=?$/.test(operator) ? found(left, right, constants, depth) : null;
  return sought === null ? null : { ...sought, differs: false };
}

/** `x.indexOf(word) !== -1`, `words.indexOf(x) >= 0`, `Buffer.compare(x, word) === 0`: as if it were told by true and false. */
function found(call: t.Node, number: t.Node, constants: Constants, depth: number): Comparison | null {
  const to = plain(number);
  const value =
    to.type === 'NumericLiteral'
      ? to.value
      : to.type === 'UnaryExpression' && to.argument.type === 'NumericLiteral'
        ? -to.argument.value
        : to.type === 'BooleanLiteral'
          ? Number(to.value)
          : null;
  const of = plain(call);
  if (value === null || !isCall(of) || of.type === 'NewExpression') return null;
  const inner = called(of, constants, depth, true);
  if (inner === null) return null;
  const name = lastName(of.callee) ?? '';
  const isPlace = /^(?:indexOf|lastIndexOf|search|findIndex)$/.test(name);
  // `=== -1` holds where it was not found; `=== 0`, `>= 0`, `!== -1` come back right through the operator.
  return { ...inner, differs: isPlace && value === -1 ? true : to.type === 'BooleanLiteral' ? value === 0 : false };
}

/** A digest of few digits is compared as a number. */
function numbers(node: t.BinaryExpression, differs: boolean): Comparison | null {
  for (const [value, to] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const)
    if (
      to.type === 'NumericLiteral' &&
      to.value > 100_000 &&
      some(value, (each) => isCall(each) && HASHES.test(lastName(each.callee) ?? ''))
    )
      return { value, word: String(to.value), differs, strong: true, node };
  return null;
}

function called(
  node: t.CallExpression | t.OptionalCallExpression,
  constants: Constants,
  depth: number,
  placed = false,
): Comparison | null {
  const name = lastName(node.callee);
  const [first, second] = node.arguments;
  const callee = plain(node.callee);
  const owner = isMember(callee) ? callee.object : null;
  if (name === null) return null;
  if (name === 'Boolean' && first) return comparisonOf(first, constants, depth);
  if (name === 'some' && owner !== null && first && isFunction(first) && first.body.type !== 'BlockStatement') {
    const inner = comparisonOf(first.body, constants, depth + 1);
    return inner === null ? null : { ...inner, value: owner };
  }
  const searches = placed
    ? /^(?:indexOf|lastIndexOf|search|localeCompare|compare)$/
    : /^(?:includes|has|startsWith|endsWith|equals|test|match|exec|hasOwn|hasOwnProperty|get|contains)$/;
  if (owner !== null && first && searches.test(name)) {
    const shape = patternOf(name === 'test' || name === 'exec' ? owner : first, constants);
    const given = name === 'test' || name === 'exec' ? first : owner;
    if (shape !== null) return known(given, [shape], false, node);
    if (name === 'hasOwn' && second) return withTexts(second, first, node, constants);
    // `headers.get('x-…')` asks for a name, `words.get(x)` for one of the words.
    const isTable = name === 'get' || name === 'has';
    const direct =
      withTexts(first, owner, node, constants) ?? (isTable ? null : withTexts(owner, first, node, constants));
    if (direct !== null) return direct;
  }
  if (first && second && SAME.test(name))
    return withTexts(first, second, node, constants) ?? withTexts(second, first, node, constants);
  const predicate = constants.functions.get(name);
  if (predicate !== undefined && owner === null && first && isFunction(predicate)) {
    const result = resultOf(predicate);
    const inner = result === null ? null : comparisonOf(result, constants, depth + 1);
    return inner === null ? null : { ...inner, value: node, within: { made: predicate, value: inner.value } };
  }
  return null;
}

/** What a short function gives back. */
function resultOf({ body }: { body: t.Node }): t.Node | null {
  if (body.type !== 'BlockStatement') return body;
  const last = body.body.at(-1);
  return body.body.length <= 4 && last?.type === 'ReturnStatement' && last.argument ? last.argument : null;
}

/** The text that a pattern looks for, where it looks for one. */
function patternOf(node: t.Node, constants: Constants): string | null {
  const bare = plain(node);
  const held = bare.type === 'Identifier' ? constants.valueOf(bare.name) : bare;
  const literal = held === undefined ? null : plain(held);
  if (literal?.type !== 'RegExpLiteral') return null;
  const text = literal.pattern.replace(/^\^|\$$/g, '').replace(/\\([-./_])/g, '$1');
  return /^[\w.@/:-]+$/.test(text) ? text : null;
}

function withTexts(value: t.Node, to: t.Node, node: t.Node, constants: Constants): Comparison | null {
  if (constants.textsOf(value) !== null) return null;
  const texts = constants.textsOf(to);
  return texts === null ? null : known(value, texts.texts, texts.hidden, node);
}

function known(value: t.Node, texts: readonly string[], hidden: boolean, node: t.Node): Comparison | null {
  const bare = texts.map((text) => text.replace(/^(?:Bearer|Basic|Token|ApiKey)[ :]/i, ''));
  const strong = bare.find((text) => isUnguessable(text) || (hidden && isPasswordLike(text)));
  if (strong !== undefined) return { value, word: strong, differs: false, strong: true, node };
  const weak = bare.find(isPasswordLike);
  return weak === undefined ? null : { value, word: weak, differs: false, strong: false, node };
}
