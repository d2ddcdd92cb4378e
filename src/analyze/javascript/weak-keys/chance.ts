import type * as t from '@babel/types';
import { isFunction, lastName, plain } from '../access/syntax.js';
import type { Names } from './names.js';

/** How much of a value is left to chance, whether it was made longer than that, and whether by a hash. */
export interface Chance {
  bits: number;
  stretched: boolean;
  hashed: boolean;
}

/** A function that is followed with what it was called with. */
interface Frame {
  names: Names;
  given: readonly { node: t.Node; frame: Frame }[];
}

const MOST_DEPTH = 24;
const MOST_STEPS = 400;
/** Whoever knows the day knows the rest. */
const CLOCK = 30;
const NONE: Chance = { bits: 0, stretched: false, hashed: false };

const HASH =
  /^(?:sha(?:1|2|256|384|512|3|3_\d+|2_\d+)(?:sync)?|(?:d|double)sha256|keccak_?(?:256|512)?|keccak256|blake(?:2[bs]?|3)|ripemd160|hash(?:160|256)|hmac)$/i;
const DERIVES = /^(?:pbkdf2(?:Sync)?|scrypt(?:Sync)?|hkdf(?:Sync)?)$/;
const AS_IT_IS =
  /^(?:toString|read\w*Int\w*|slice|subarray|substring|substr|toLowerCase|toUpperCase|toFixed|digest|valueOf|replace|trim|toArray|toJSON|buffer|getTime)$/;
const LONGER = /^(?:padStart|padEnd|repeat)$/;
const CONVERTS =
  /^(?:from|String|Number|BigInt|parseInt|round|ceil|trunc|abs|hexToBytes|utf8ToBytes|bytesToHex|toUtf8Bytes|arrayify|getBytes|hexlify|toHex|toBytes|encode|concat|concatBytes|stringify|Uint8Array|Buffer|hex|bytes)$/;
const WIDTHS: Readonly<Record<string, number>> = { Uint8Array: 8, Int8Array: 8, Uint16Array: 16, Uint32Array: 32 };

/** Reads how many values an expression may have, where all that it is made of is known; null where it is not. */
export class ChanceReader {
  private steps = 0;
  private readonly scopeOf: (node: t.Node) => Names | null;

  constructor(scopeOf: (node: t.Node) => Names | null) {
    this.scopeOf = scopeOf;
  }

  read(node: t.Node, names: Names): Chance | null {
    this.steps = 0;
    return this.of(node, { names, given: [] }, 0);
  }

  private of(expression: t.Node, frame: Frame, depth: number): Chance | null {
    if (depth > MOST_DEPTH || ++this.steps > MOST_STEPS) return null;
    const node = plain(expression);
    const next = (each: t.Node): Chance | null => this.of(each, frame, depth + 1);
    switch (node.type) {
      case 'StringLiteral':
      case 'NumericLiteral':
      case 'BigIntLiteral':
        return NONE;
      case 'TemplateLiteral':
        return sum(node.expressions.map(next));
      case 'ArrayExpression':
        return node.elements.length === 0
          ? null
          : sum(node.elements.map((each) => (each === null ? null : next(each))));
      case 'AssignmentExpression':
        return node.operator === '=' ? next(node.right) : null;
      case 'SequenceExpression':
        return next(node.expressions.at(-1) as t.Node);
      case 'UnaryExpression':
        return /^[+~-]$/.test(node.operator) ? this.whole(node.argument, frame, depth) : null;
      case 'ConditionalExpression':
        return larger(next(node.consequent), next(node.alternate));
      case 'BinaryExpression':
        return this.binary(node, frame, depth);
      case 'Identifier':
        return this.named(node.name, frame, depth);
      case 'MemberExpression':
        return this.member(node, frame, depth);
      case 'NewExpression':
        return this.made(node, frame, depth);
      case 'CallExpression':
        return this.called(node, frame, depth);
      default:
        return null;
    }
  }

  private binary(node: t.BinaryExpression, frame: Frame, depth: number): Chance | null {
    const left = this.of(node.left, frame, depth + 1);
    if (left === null) return null;
    const right = numberOf(node.right, frame.names);
    if (node.operator === '%' && right !== null) return atMost(left, right);
    if (node.operator === '&' && right !== null) return atMost(left, right + 1);
    if (node.operator === '|' && right === 0) return this.whole(node.left, frame, depth);
    if (node.operator === '>>' || node.operator === '>>>')
      return right === null ? null : { ...left, bits: Math.max(0, left.bits - right) };
    return /^(?:[-+*^|]|<<)$/.test(node.operator) ? sum([left, this.of(node.right, frame, depth + 1)]) : null;
  }

  /** A number without what stands behind its point: `Math.random() * 100` has a hundred values. */
  private whole(node: t.Node, frame: Frame, depth: number): Chance | null {
    const inner = plain(node);
    const chance = this.of(inner, frame, depth + 1);
    if (inner.type !== 'BinaryExpression' || inner.operator !== '*' || chance === null) return chance;
    const most = numberOf(inner.right, frame.names) ?? numberOf(inner.left, frame.names);
    return most === null ? chance : atMost(chance, most);
  }

  private named(name: string, frame: Frame, depth: number): Chance | null {
    const found = frame.names.valueOf(name);
    if (found === null) return null;
    if (found.handed !== null && found.names === frame.names) {
      const given = frame.given[found.handed];
      return given === undefined ? null : this.of(given.node, given.frame, depth + 1);
    }
    if (found.value === null || isFunction(found.value)) return null;
    if (found.filled) return widthOf(found.value, frame.names);
    // Of a function around, what it was called with is not known.
    const inner = found.names === frame.names ? frame : { names: found.names, given: [] };
    return this.of(found.value, inner, depth + 1);
  }

  private member(node: t.MemberExpression, frame: Frame, depth: number): Chance | null {
    if (!node.computed) return lastName(node) === 'length' ? NONE : null;
    const owner = this.of(node.object, frame, depth + 1);
    return owner === null || numberOf(node.property, frame.names) === null ? null : atMost(owner, 256);
  }

  private made(node: t.NewExpression, frame: Frame, depth: number): Chance | null {
    const name = lastName(node.callee) ?? '';
    const [first] = node.arguments;
    if (name === 'Date') return first === undefined ? { bits: CLOCK, stretched: false, hashed: false } : null;
    if (!CONVERTS.test(name) || first === undefined || numberOf(first, frame.names) !== null) return null;
    return this.of(first, frame, depth + 1);
  }

  private called(node: t.CallExpression, frame: Frame, depth: number): Chance | null {
    const name = lastName(node.callee) ?? '';
    const drawn = drawnBy(name, node, frame.names);
    if (drawn !== null) return { bits: drawn, stretched: false, hashed: false };
    const all = (): Chance | null => sum(node.arguments.map((each) => this.of(each, frame, depth + 1)));
    const own = node.callee.type === 'Identifier' ? frame.names.valueOf(node.callee.name) : null;
    if (own !== null && own.value !== null && isFunction(own.value)) return this.inside(own, node, frame, depth);
    if (HASH.test(name)) return hashed(all());
    if (DERIVES.test(name)) return hashed(sum(node.arguments.slice(0, 2).map((e) => this.of(e, frame, depth + 1))));
    if (name === 'createHash') return NONE;
    if (name === 'createHmac') return node.arguments[1] ? this.of(node.arguments[1], frame, depth + 1) : null;
    if (name === 'floor' || name === 'round' || name === 'trunc')
      return node.arguments[0] ? this.whole(node.arguments[0], frame, depth) : null;
    if (name === 'alloc') return node.arguments[1] ? stretched(this.of(node.arguments[1], frame, depth + 1)) : null;
    if (node.callee.type === 'MemberExpression') {
      const owner = node.callee.object;
      if (name === 'digest' && node.arguments.length === 2)
        return hashed(this.of(node.arguments[1] as t.Node, frame, depth + 1));
      if (name === 'update') {
        const data = node.arguments[0];
        return data ? hashed(sum([this.of(owner, frame, depth + 1), this.of(data, frame, depth + 1)])) : null;
      }
      if (name === 'fill') return node.arguments[0] ? stretched(this.of(node.arguments[0], frame, depth + 1)) : null;
      if (LONGER.test(name)) return stretched(this.of(owner, frame, depth + 1));
      if (AS_IT_IS.test(name)) return this.of(owner, frame, depth + 1);
    }
    if (!CONVERTS.test(name) || node.arguments.some((each) => isFunction(each))) return null;
    return node.arguments[0] ? this.of(node.arguments[0], frame, depth + 1) : null;
  }

  /** What a function of the file gives back, which does nothing but that. */
  private inside(
    { value }: { value: t.Node | null },
    call: t.CallExpression,
    frame: Frame,
    depth: number,
  ): Chance | null {
    if (value === null || !isFunction(value)) return null;
    const result = resultOf(value);
    const inner = this.scopeOf(value);
    if (result === null || inner === null) return null;
    const given = call.arguments.map((node) => ({ node, frame }));
    return this.of(result, { names: inner, given }, depth + 1);
  }
}

/** What a function gives back where it has one way only; what it does before is told by its names. */
function resultOf(node: t.Node): t.Node | null {
  if (!isFunction(node)) return null;
  const { body } = node as { body: t.Node };
  if (body.type !== 'BlockStatement') return body;
  const last = body.body.at(-1);
  const isPlain = body.body.slice(0, -1).every(({ type }) => type === 'VariableDeclaration');
  return isPlain && last?.type === 'ReturnStatement' ? (last.argument ?? null) : null;
}

/** Bits that a call draws by lot. */
function drawnBy(name: string, { arguments: given }: t.CallExpression, names: Names): number | null {
  const first = given[0] === undefined ? null : numberOf(given[0], names);
  if (/^(?:pseudoR|r)andomBytes$/.test(name)) return given.length === 1 && first !== null ? first * 8 : null;
  if (name === 'randomInt') {
    const second = given[1] === undefined ? null : numberOf(given[1], names);
    if (first === null || given.length > 2) return null;
    return Math.log2(Math.max(1, second === null ? first : second - first));
  }
  if (name === 'getRandomValues') return given[0] ? (widthOf(given[0], names)?.bits ?? null) : null;
  if (name === 'random' && given.length === 0) return 52;
  return name === 'now' && given.length === 0 ? CLOCK : null;
}

function widthOf(node: t.Node, names: Names): Chance | null {
  const made = plain(node);
  if (made.type !== 'NewExpression' && made.type !== 'CallExpression') return null;
  const name = lastName(made.callee) ?? '';
  const width = /^alloc(?:Unsafe)?$/.test(name) ? 8 : WIDTHS[name];
  const length = made.arguments[0] === undefined ? null : numberOf(made.arguments[0], names);
  return width === undefined || length === null ? null : { bits: width * length, stretched: false, hashed: false };
}

/** A number that stands in the code. */
function numberOf(expression: t.Node, names: Names, depth = 0): number | null {
  const node = plain(expression);
  if (node.type === 'NumericLiteral') return node.value;
  if (node.type === 'BinaryExpression' && node.operator === '**') {
    const [base, power] = [numberOf(node.left, names, depth + 1), numberOf(node.right, names, depth + 1)];
    return base === null || power === null ? null : base ** power;
  }
  if (node.type !== 'Identifier' || depth > 3) return null;
  const found = names.valueOf(node.name);
  return found?.value ? numberOf(found.value, found.names, depth + 1) : null;
}

function sum(all: readonly (Chance | null)[]): Chance | null {
  let bits = 0;
  let isStretched = false;
  let isHashed = false;
  for (const each of all) {
    if (each === null) return null;
    bits += each.bits;
    isStretched ||= each.stretched;
    isHashed ||= each.hashed;
  }
  return { bits, stretched: isStretched, hashed: isHashed };
}

function larger(one: Chance | null, other: Chance | null): Chance | null {
  if (one === null || other === null) return null;
  return one.bits > other.bits ? one : other;
}

function atMost(chance: Chance, values: number): Chance {
  return { ...chance, bits: Math.min(chance.bits, Math.log2(Math.max(1, values))) };
}

function stretched(chance: Chance | null): Chance | null {
  return chance === null ? null : { ...chance, stretched: true };
}

function hashed(chance: Chance | null): Chance | null {
  return chance === null ? null : { ...chance, stretched: true, hashed: true };
}
