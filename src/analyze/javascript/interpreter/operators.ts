import { deciphered } from '../taint/implicit-flows.js';
import { compared, inverted, settingOf, withoutMark } from '../taint/opt-in.js';
import { diced, inName } from '../taint/random-names.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import {
  Api,
  alternatives,
  Bytes,
  blurred,
  constantText,
  FALSE,
  Func,
  HOLE,
  join,
  knownText,
  Native,
  Obj,
  Pattern,
  type Primitive,
  prim,
  Store,
  TRUE,
  text,
  truth,
  unknown,
  type Value,
} from './value.js';

const MAX_TEXT = 8_000_000;

/** What `String(value)` gives of an object with known content, or null. */
export function objectText(value: Value, depth = 3): string | null {
  if (value.kind === 'prim') return String(value.value);
  if (value.kind === 'text') return value.text;
  if (!(value instanceof Obj) || depth === 0) return null;
  if (value instanceof Bytes) return knownText(value);
  if (value.elements !== null && value.cls === 'Array') {
    const parts = value.elements.map((each) =>
      each.kind === 'prim' && (each.value === null || each.value === undefined) ? '' : objectText(each, depth - 1),
    );
    return parts.map((part) => part ?? HOLE).join(',');
  }
  if (value.cls === 'URL') return knownText(value);
  if (value.cls === 'Date' || value instanceof Store || value.kind !== 'obj') return null;
  if (value instanceof Pattern) return `/${value.source === '' ? '(?:)' : value.source}/${value.flags}`;
  if (value.cls === 'Generator') return '[object Array Iterator]';
  return value.props.has('toString') || value.props.has('@@toPrimitive') ? null : '[object Object]';
}

/** The constant that an operand has after conversion to a primitive, or undefined for "not known". */
function operand(value: Value): { value: Primitive } | undefined {
  if (value.kind === 'prim') return value;
  if (value instanceof Bytes) return value.bytes === null ? undefined : { value: knownText(value) ?? '' };
  if (value instanceof Api) {
    const native = nativeText(value.path);
    return native === null ? undefined : { value: native };
  }
  if (value instanceof Obj && value.kind === 'obj' && value.rest === null) {
    const shown = objectText(value);
    if (shown !== null && !shown.includes(HOLE)) return { value: shown };
  }
  if (value instanceof Func || value instanceof Native) return undefined;
  return undefined;
}

/** What a builtin function shows as a text; encoders made of brackets read their letters from it. */
export function nativeText(path: string): string | null {
  const method = /^[A-Z]\w*#(\w+)$/.exec(path)?.[1];
  const name = method ?? (BUILTIN_CLASSES.has(path) ? path : null);
  return name === null ? null : `function ${name}() { [native code] }`;
}

const BUILTIN_CLASSES = new Set([
  'Array',
  'Object',
  'String',
  'Number',
  'Boolean',
  'Function',
  'RegExp',
  'Date',
  'Error',
  'Map',
  'Set',
  'Promise',
  'Symbol',
  'BigInt',
  'eval',
  'escape',
  'unescape',
  'parseInt',
  'parseFloat',
  'isNaN',
  'isFinite',
]);

const COMPARISONS = new Set(['==', '!=', '===', '!==', '<', '>', '<=', '>=', 'in', 'instanceof']);

/** The value of `left operator right`. */
export function binary(operator: string, left: Value, right: Value): Value {
  if (left.kind === 'union' || right.kind === 'union') {
    const [ls, rs] = [alternatives(left), alternatives(right)];
    if (ls.length * rs.length <= 16) {
      let out: Value | null = null;
      for (let at = 0; at < ls.length * rs.length; at++) {
        const value = binary(operator, ls[Math.floor(at / rs.length)] as Value, rs[at % rs.length] as Value);
        out = out === null ? value : join(out, value);
      }
      return out as Value;
    }
    const both = joinTaints(left.taints, right.taints);
    if (operator !== '+') return unknown(both);
    return binary(
      operator,
      ls.length > 1 ? blurred(ls, left.taints) : left,
      rs.length > 1 ? blurred(rs, right.taints) : right,
    );
  }
  const joined = joinTaints(left.taints, right.taints);
  const taints = COMPARISONS.has(operator)
    ? diced(operator, left, right, compared(operator, left, right, joined))
    : operator === '^'
      ? deciphered(joined)
      : joined;
  if (operator === '===' || operator === '!==') return identity(operator === '===', left, right, taints);
  if ((operator === '==' || operator === '!=') && left instanceof Obj && right instanceof Obj) {
    return identity(operator === '==', left, right, taints);
  }
  const [a, b] = [operand(left), operand(right)];
  if (a === undefined || b === undefined) {
    if (operator === '+') return partialText(left, right, taints);
    if ((operator === '==' || operator === '!=') && isObjectAgainstNull(left, right)) {
      return prim(operator === '!=', taints);
    }
    return unknown(taints);
  }
  const result = calculate(operator, a.value, b.value);
  if (result === undefined) return unknown(taints);
  const decoded =
    typeof result.value === 'string' && operator === '+' ? isDecodedConcat(left, right, result.value) : false;
  return prim(result.value, taints, decoded);
}

function isObjectAgainstNull(left: Value, right: Value): boolean {
  const isNull = (value: Value) => value.kind === 'prim' && (value.value === null || value.value === undefined);
  const isObject = (value: Value) => value instanceof Obj && value.kind !== 'api';
  return (isNull(left) && isObject(right)) || (isNull(right) && isObject(left));
}

function isDecodedConcat(left: Value, right: Value, whole: string): boolean {
  const wasDecoded = (value: Value) => (value.kind === 'prim' && value.decoded) || value instanceof Bytes;
  return whole.length > 3 && (wasDecoded(left) || wasDecoded(right));
}

/** Joins two values as text, unknown parts as holes. */
export function partialText(left: Value, right: Value, taints: Taints): Value {
  const known = (value: Value) => {
    if (value.kind === 'prim') return String(value.value);
    if (value.kind === 'text') return value.text;
    return value instanceof Obj && value.kind === 'obj' ? (objectText(value) ?? HOLE) : HOLE;
  };
  const isText = (value: Value) =>
    value.kind === 'text' ||
    (value.kind === 'prim' && typeof value.value === 'string') ||
    (value.kind === 'obj' && objectText(value) !== null);
  if (!isText(left) && !isText(right)) return unknown(taints);
  const whole = known(left) + known(right);
  if (whole.length > 200_000) return unknown(taints);
  return text(whole.replace(/\uFFFC{2,}/g, HOLE), inName(taints), true);
}

/** Classes of Node that others extend: they are there. */
const BASE_CLASS = /^(?:events|stream\.[A-Z]\w+|net\.(?:Socket|Server)|http\.(?:Agent|Server))$/;

function identity(positive: boolean, left: Value, right: Value, taints: Taints): Value {
  if (left.kind === 'prim' && right.kind === 'prim') return prim((left.value === right.value) === positive, taints);
  if (left === right && left instanceof Obj) return positive ? TRUE : FALSE;
  const solid = (value: Value) =>
    value instanceof Obj && (value.kind !== 'api' || (value instanceof Api && BASE_CLASS.test(value.path)));
  if ((solid(left) && right.kind === 'prim') || (solid(right) && left.kind === 'prim')) return prim(!positive, taints);
  if (solid(left) && solid(right)) return prim(!positive, taints);
  return unknown(taints);
}

// Operands are the sample's own constants; loose equality and mixed types are what the language does with them.
function calculate(operator: string, a: Primitive, b: Primitive): { value: Primitive } | undefined {
  try {
    return applied(operator, a as never, b as never);
  } catch {
    return undefined;
  }
}

/** Big integers that are no longer than keys and addresses are. */
const MAX_SHIFT = 1024;
const LONGEST = 1n << 4096n;

function isShort(value: bigint): boolean {
  return value < LONGEST && value > -LONGEST;
}

function isSmallPower(base: bigint, exponent: number): boolean {
  return isShort(base) && base.toString(16).length * Number(exponent) <= MAX_SHIFT;
}

function applied(operator: string, a: number, b: number): { value: Primitive } | undefined {
  switch (operator) {
    case '+': {
      const sum = a + b;
      return typeof sum === 'string' && (sum as string).length > MAX_TEXT ? undefined : { value: sum };
    }
    case '-':
      return { value: a - b };
    case '*':
      return { value: a * b };
    case '/':
      return { value: a / b };
    case '%':
      return { value: a % b };
    case '**':
      return typeof a === 'bigint' && !isSmallPower(a, b) ? undefined : { value: a ** b };
    case '|':
      return { value: a | b };
    case '&':
      return { value: a & b };
    case '^':
      return { value: a ^ b };
    case '<<':
      return typeof a === 'bigint' && !(Number(b) <= MAX_SHIFT && isShort(a)) ? undefined : { value: a << b };
    case '>>':
      return { value: a >> b };
    case '>>>':
      return { value: a >>> b };
    case '==':
      return { value: Object.is(a, b) || looselyEqual(a, b) };
    case '!=':
      return { value: !(Object.is(a, b) || looselyEqual(a, b)) };
    case '<':
      return { value: a < b };
    case '>':
      return { value: a > b };
    case '<=':
      return { value: a <= b };
    case '>=':
      return { value: a >= b };
    default:
      return undefined;
  }
}

function looselyEqual(a: unknown, b: unknown): boolean {
  if (typeof a === typeof b) return a === b;
  if (a === null || a === undefined) return b === null || b === undefined;
  if (b === null || b === undefined) return false;
  if (typeof a === 'bigint' || typeof b === 'bigint') return String(a) === String(b);
  return Number(a) === Number(b);
}

/** The value of `typeof value`. */
export function typeOf(value: Value): Value {
  switch (value.kind) {
    case 'prim':
      return prim(typeof value.value === 'object' ? 'object' : typeof value.value);
    case 'text':
      return prim('string');
    case 'func':
      return prim('function');
    case 'obj':
      return prim('object');
    case 'union': {
      const types = value.alternatives.map(typeOf);
      return types.reduce(join);
    }
    default:
      return unknown(withoutMark(value.taints));
  }
}

/** The value of a unary operator other than typeof and delete. */
export function unary(operator: string, value: Value): Value {
  switch (operator) {
    case '!': {
      const known = truth(value);
      const taints = value.kind === 'union' && settingOf(value) === null ? withoutMark(value.taints) : value.taints;
      return known === null ? unknown(inverted(taints)) : prim(!known, inverted(taints));
    }
    case 'void':
      return prim(undefined);
    case 'typeof':
      return typeOf(value);
    case '+':
    case '-':
    case '~': {
      const constant = operand(value);
      if (constant === undefined) return unknown(value.taints);
      if (typeof constant.value === 'bigint') {
        if (operator === '+') return unknown(value.taints);
        return prim(operator === '-' ? -constant.value : ~constant.value, value.taints);
      }
      const number = Number(constant.value);
      return prim(operator === '+' ? number : operator === '-' ? -number : ~number, value.taints);
    }
    default:
      return unknown(value.taints);
  }
}

/** True where a value can only be an API of the world or a constant text naming one. */
export function isApi(value: Value, path: string): boolean {
  return value instanceof Api && value.path === path;
}

/** The property key that a value stands for, or null where it is not known. */
export function keyOf(value: Value): string | null {
  if (value.kind === 'prim') return String(value.value);
  if (value instanceof Api && value.path.startsWith('Symbol.')) return `@@${value.path.slice(7)}`;
  const shown = constantText(value);
  if (shown !== null) return shown;
  const constant = operand(value);
  return constant === undefined ? null : String(constant.value);
}
