import type * as t from '@babel/types';
import { configVariables } from '../../npm-environment.js';
import { dependencyWritten, sourceWritten } from '../outside/package-sources.js';
import {
  callByAmount,
  callsContract,
  isReadOnly,
  linkRecipient,
  recipientPicked,
  recipientReplaced,
  recipientWritten,
} from '../outside/recipients.js';
import { attributesOf, markupRendered, TEMPLATE } from '../outside/rendered-elements.js';
import { routeMade } from '../outside/routes.js';
import { fieldFilled } from '../taint/connection-addresses.js';
import { deepTaints } from '../taint/inner-taints.js';
import { inName } from '../taint/random-names.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { callFunction } from './calls.js';
import { evaluate, makeFunction, memberOf } from './expressions.js';
import type { Frame, Interpreter } from './interpreter.js';
import { iterate } from './iteration.js';
import { keyOf, objectText } from './operators.js';
import { hrefOf } from './pairs.js';
import { getProperty } from './properties.js';
import { setProperty } from './property-writes.js';
import type { Scope } from './scope.js';
import {
  Api,
  Func,
  HOLE,
  isOpenList,
  isUnknown,
  join,
  leaveOpen,
  Obj,
  Pattern,
  prim,
  type Slot,
  TrapApi,
  tainted,
  text,
  UNDEFINED,
  type Union,
  unknown,
  type Value,
} from './value.js';

/** A template literal, unknown parts as holes. */
export function template(I: Interpreter, node: t.TemplateLiteral, scope: Scope, frame: Frame): Value {
  let whole = '';
  let taints: Taints = null;
  let known = true;
  let decoded = false;
  for (let index = 0; index < node.quasis.length; index++) {
    whole += node.quasis[index]?.value.cooked ?? '';
    if (index >= node.expressions.length) continue;
    let value = evaluate(I, node.expressions[index] as t.Node, scope, frame);
    if (value instanceof Obj || value.kind === 'union') value = toPrimitive(I, value, node, frame);
    taints = joinTaints(taints, value.taints);
    if (value.kind === 'union') {
      if (whole.endsWith(':') || whole.endsWith('/'))
        linkRecipient(I, whole, value, quasisAfter(node, index), node, frame);
      // What may be missing has no text that is worth keeping.
      const pick = value.alternatives.some(isMissing)
        ? undefined
        : value.alternatives.find((each) => each.kind === 'prim' || each.kind === 'text');
      known = false;
      whole += pick === undefined ? HOLE : (objectText(pick) ?? HOLE);
      continue;
    }
    if (value.kind === 'prim') decoded ||= value.decoded;
    const shown = objectText(value);
    if (value.kind !== 'prim' && !(value instanceof Obj && shown !== null && !shown.includes(HOLE))) known = false;
    whole += shown ?? HOLE;
  }
  if (whole.length > 2_000_000) return unknown(taints);
  return known ? prim(whole, taints, decoded) : text(whole.replace(/\uFFFC{2,}/g, HOLE), inName(taints), decoded);
}

function quasisAfter({ quasis }: t.TemplateLiteral, index: number): string {
  return quasis
    .slice(index + 1)
    .map((each) => each.value.cooked ?? '')
    .join(HOLE);
}

function isMissing(value: Value): boolean {
  return value.kind === 'prim' && (value.value === undefined || value.value === null);
}

/** Calls `Symbol.toPrimitive`, `toString` or `valueOf` of the sample's own objects. */
export function toPrimitive(I: Interpreter, value: Value, node: t.Node, frame: Frame): Value {
  if (value.kind === 'union') return eachToPrimitive(I, value, node, frame);
  if (value instanceof Func) {
    const code = I.loader.excerptWhole(value.file, value.node);
    return code === null ? value : prim(code);
  }
  if (!(value instanceof Obj) || value.kind !== 'obj') return value;
  if (value.cls === 'URL') return hrefOf(value) ?? value;
  for (const key of ['@@toPrimitive', 'toString', 'valueOf']) {
    for (let at: Obj | null = value, depth = 0; at !== null && depth < 8; at = at.proto, depth++) {
      const slot = at.own(key);
      if (slot !== undefined && slot.kind === 'func')
        return callFunction(I, slot, value, [prim('default')], node, frame);
    }
  }
  return value.elements !== null && value.cls === 'Array' ? listAsText(value) : value;
}

/** The same for what may be one of several values, each of which is asked on a way of its own. */
function eachToPrimitive(I: Interpreter, value: Union, node: t.Node, frame: Frame): Value {
  if (!value.alternatives.some((each) => each instanceof Obj && each.kind === 'obj')) return value;
  const shown = value.alternatives.map((each) => {
    let primitive = each;
    I.maybe(() => {
      primitive = toPrimitive(I, each, node, frame);
    });
    return primitive;
  });
  return shown.every((each, index) => each === value.alternatives[index])
    ? value
    : tainted(shown.reduce(join), value.taints);
}

/** A list as a text carries what its elements do. */
function listAsText(list: Obj): Value {
  const taints = deepTaints(list, 2);
  const shown = taints === null ? null : objectText(list);
  if (shown === null) return taints === null ? list : unknown(taints);
  return shown.includes(HOLE) ? text(shown, taints) : prim(shown, taints);
}

/** An object literal with methods, accessors and spread. */
export function objectLiteral(I: Interpreter, node: t.ObjectExpression, scope: Scope, frame: Frame): Value {
  const object = I.object();
  const several: [string, Value, t.Node][] = [];
  const replaced: [string, Slot, Value, t.Node][] = [];
  for (const each of node.properties) {
    if (each.type === 'SpreadElement') {
      copyInto(I, object, evaluate(I, each.argument, scope, frame), each, frame);
      continue;
    }
    const key = each.computed ? keyOf(evaluate(I, each.key, scope, frame)) : literalKey(each.key);
    if (each.type === 'ObjectMethod') {
      const fn = makeFunction(I, each, scope, frame);
      fn.home = object;
      if (each.kind === 'method') {
        if (key === null) object.rest = object.rest === null ? fn : join(object.rest, fn);
        else object.props.set(key, fn);
      } else if (key !== null) {
        const known = object.props.get(key);
        const accessor = known?.kind === 'accessor' ? known : { kind: 'accessor' as const, get: null, set: null };
        object.props.set(key, { ...accessor, [each.kind]: fn });
      }
      continue;
    }
    const value = evaluate(I, each.value, scope, frame);
    if (key === '__proto__' && !each.computed && !each.shorthand) object.proto = value instanceof Obj ? value : null;
    else if (key === null) object.rest = object.rest === null ? value : join(object.rest, value);
    else {
      recipientWritten(I, object, key, value, each, frame);
      sourceWritten(I, key, value, each, frame);
      dependencyWritten(I, object.taints, value, each, frame);
      fieldFilled(I, key, value);
      const before = object.own(key);
      if (before !== undefined) replaced.push([key, before, value, each]);
      if (value.kind === 'union' || value.kind === 'text') several.push([key, value, each]);
      object.props.set(key, value);
    }
  }
  for (const [key, before, value, each] of replaced) recipientReplaced(I, object, key, before, value, each, frame);
  for (const [key, value, each] of several) callByAmount(I, key, value, each, frame);
  if (several.length > 0 && !callsContract(object) && !isReadOnly(object))
    for (const [key, value, each] of several) recipientPicked(I, key, value, each, frame);
  if (object.own('destination') !== undefined) routeMade(I, object, node, frame);
  return object;
}

/** The key of a property that is not computed. */
export function literalKey(node: t.Node): string | null {
  switch (node.type) {
    case 'Identifier':
      return node.name;
    case 'StringLiteral':
      return node.value;
    case 'NumericLiteral':
      return String(node.value);
    case 'BigIntLiteral':
      return node.value;
    case 'PrivateName':
      return `#${node.id.name}`;
    default:
      return null;
  }
}

/** What stands for all fields of something that is not of the sample; of a proxy for those of what stands behind it. */
function wholeOf(I: Interpreter, source: Value, node: t.Node | null, frame: Frame): Value {
  if (source instanceof TrapApi && source.inner instanceof Api) return wholeOf(I, source.inner, node, frame);
  if (source instanceof Api) return enumerated(I, source, node, frame);
  return source.kind === 'unknown' ? source : unknown(source.taints);
}

/** Copies own properties, as spread and Object.assign do. */
export function copyInto(I: Interpreter, object: Obj, source: Value, node: t.Node | null, frame: Frame): void {
  if (source.kind === 'union') {
    for (const each of source.alternatives) I.maybe(() => copyInto(I, object, each, node, frame));
    return;
  }
  if (source.kind === 'prim') return;
  if (!(source instanceof Obj) || source instanceof Api) {
    const whole = wholeOf(I, source, node, frame);
    for (const name of knownVariables(I, source)) {
      I.journals.property(object, name);
      object.props.set(name, getProperty(I, source, name, node, frame));
    }
    I.journals.rest(object);
    object.rest = object.rest === null ? whole : join(object.rest, whole);
    object.taints = joinTaints(object.taints, whole.taints);
    return;
  }
  for (const [key, slot] of source.props) {
    if (key.startsWith('@@arg')) continue;
    const value = slot.kind === 'accessor' ? getProperty(I, source, key, node, frame) : slot;
    if (object.props.get(key)?.kind === 'accessor') {
      setProperty(I, object, key, value, node, frame);
      continue;
    }
    I.journals.property(object, key);
    object.props.set(key, value);
  }
  for (const [index, each] of (source.elements ?? []).entries()) object.props.set(String(index), each);
  if (source.rest !== null) {
    I.journals.rest(object);
    object.rest = object.rest === null ? source.rest : join(object.rest, source.rest);
  }
  object.taints = joinTaints(object.taints, source.taints);
}

/** What enumerating, spreading or serialising a value of the world gives: `process.env` becomes the source `env.all`. */
export function enumerated(I: Interpreter, api: Api, node: t.Node | null, frame: Frame): Value {
  const table = I.models.sources.get(api.path);
  if (table === undefined) return unknown(api.taints);
  return unknown(joinTaints(api.taints, I.source(table.source, api.path, node, frame.file)));
}

/** Names that stand in the environment of an install script for certain: npm sets them from package.json. */
export function knownVariables(I: Interpreter, value: Value): string[] {
  return value instanceof Api && value.path === 'process.env' && I.entry.phase === 'install'
    ? configVariables(I.loader.manifest).map(([name]) => name)
    : [];
}

/** An array literal with holes and spread. */
export function arrayLiteral(I: Interpreter, node: t.ArrayExpression, scope: Scope, frame: Frame): Value {
  const out: Value[] = [];
  let isOpen = false;
  for (const each of node.elements) {
    if (each === null) out.push(UNDEFINED);
    else if (each.type === 'SpreadElement') {
      const spread = evaluate(I, each.argument, scope, frame);
      isOpen ||= isUnknown(spread) || (spread instanceof Obj && spread.elements !== null && isOpenList(spread));
      for (const value of iterate(I, spread, frame)) out.push(value);
    } else out.push(evaluate(I, each, scope, frame));
  }
  return isOpen ? leaveOpen(I.array(out)) : I.array(out);
}

/** A tagged template: shell-like tags get the whole text, others strings and values. */
export function taggedTemplate(I: Interpreter, node: t.TaggedTemplateExpression, scope: Scope, frame: Frame): Value {
  const tag = node.tag;
  let self: Value = UNDEFINED;
  let fn: Value;
  if (tag.type === 'MemberExpression') {
    self = evaluate(I, tag.object, scope, frame);
    fn = memberOf(I, tag, self, scope, frame);
  } else fn = evaluate(I, tag, scope, frame);
  const values = node.quasi.expressions.map((each) => evaluate(I, each, scope, frame));
  if (fn instanceof Api && /\$|command|exec|raw$/.test(fn.path)) {
    const whole = template(I, node.quasi, scope, frame);
    return callFunction(I, fn, self, [fn.path.endsWith('raw') ? rawTemplate(node.quasi, whole) : whole], node, frame);
  }
  if (fn instanceof Api && values.length > 0 && node.quasi.quasis.some(({ value }) => TEMPLATE.test(value.raw)))
    markupRendered(I, { node, frame }, fn.path, template(I, node.quasi, scope, frame));
  const strings = I.array(node.quasi.quasis.map((each) => prim(each.value.cooked ?? undefined)));
  strings.props.set('raw', I.array(node.quasi.quasis.map((each) => prim(each.value.raw))));
  return callFunction(I, fn, self, [strings, ...values], node, frame);
}

function rawTemplate(quasi: t.TemplateLiteral, whole: Value): Value {
  return quasi.expressions.length === 0 ? prim(quasi.quasis[0]?.value.raw ?? '') : whole;
}

/** True for a text literal that is written in escapes, so that its value is not what one reads. */
export function hiddenLiteral(node: t.StringLiteral): boolean {
  const raw = node.extra?.['raw'];
  return typeof raw === 'string' && /\\(x[0-9a-f]{2}|u[0-9a-f{])/i.test(raw) && node.value.length > 3;
}

/** The value of a BigInt literal, undefined where the digits are none. */
export function bigint(digits: string): bigint | undefined {
  try {
    return BigInt(digits);
  } catch {
    return undefined;
  }
}

/** A regular expression value. */
export function pattern(I: Interpreter, source: string, flags: string): Pattern {
  const value = new Pattern(source.replace(/(^|[^\\])\/(?![^[]*\])/g, '$1\\/'), flags);
  value.depth = I.journals.depth;
  return value;
}

function spreadInto(given: Obj, value: Value): void {
  if (value instanceof Obj && value.kind === 'obj' && !value.bare)
    for (const [key, slot] of value.props) given.props.set(key, slot);
}

/** Evaluates the expressions inside JSX; the element itself is unknown. */
export function jsx(I: Interpreter, node: t.JSXElement | t.JSXFragment, scope: Scope, frame: Frame): Value {
  for (const child of node.children) {
    if (child.type === 'JSXExpressionContainer' && child.expression.type !== 'JSXEmptyExpression')
      evaluate(I, child.expression, scope, frame);
    else if (child.type === 'JSXElement' || child.type === 'JSXFragment') jsx(I, child, scope, frame);
  }
  if (node.type === 'JSXElement') {
    const given = I.object();
    for (const attribute of node.openingElement.attributes) {
      if (attribute.type === 'JSXSpreadAttribute') spreadInto(given, evaluate(I, attribute.argument, scope, frame));
      else if (attribute.value?.type === 'JSXExpressionContainer') {
        const value = evaluate(I, attribute.value.expression, scope, frame);
        if (attribute.name.type === 'JSXIdentifier') given.props.set(attribute.name.name, value);
      }
    }
    const { name } = node.openingElement;
    if (name.type === 'JSXIdentifier' && given.props.size > 0)
      attributesOf(I, { node, frame }, 'JSX', name.name, given);
  }
  return unknown(null);
}
