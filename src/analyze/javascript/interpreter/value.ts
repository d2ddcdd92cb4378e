import type * as t from '@babel/types';
import { joinTaints, type Taints } from '../taint/taint.js';
import type { Scope } from './scope.js';

/** Stands for a part of a text that is not known. */
export const HOLE = '\u{FFFC}';

/** Constants of the language. */
export type Primitive = string | number | boolean | null | undefined | bigint;

/** A constant. `decoded` is true for a text that did not stand in the source as it is. */
export interface Prim {
  readonly kind: 'prim';
  readonly value: Primitive;
  readonly taints: Taints;
  readonly decoded: boolean;
}

/** A text of which parts are known (`https://${HOLE}/x`), or a symbolic one (`~`, `$PROJECT`). */
export interface Text {
  readonly kind: 'text';
  readonly text: string;
  readonly taints: Taints;
  readonly decoded: boolean;
}

/** A value of which only the taint is known. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly taints: Taints;
  /** Of what was written into its fields: it goes where the value goes as a whole, and is in none of its other fields. */
  readonly kept?: Taints;
}

/** One of a few values. */
export interface Union {
  readonly kind: 'union';
  readonly alternatives: readonly Value[];
  readonly taints: Taints;
}

/** An abstract value. */
export type Value = Prim | Text | Unknown | Union | Obj;

/** A property with accessors. */
export interface Accessor {
  readonly kind: 'accessor';
  get: Value | null;
  set: Value | null;
}
/** What stands under a property name. */
export type Slot = Value | Accessor;

/** An object with known fields; arrays keep their elements apart. */
export class Obj {
  kind: 'obj' | 'func' | 'api' = 'obj';
  private named: Map<string, Slot> | null = null;
  /** Elements of arrays, else null. */
  elements: Value[] | null = null;
  /** What was written under unknown keys, or stands for fields that are not known; null: all fields are known. */
  rest: Value | null = null;
  proto: Obj | null = null;
  taints: Taints = null;
  /** Branch depth at creation: writes from deeper branches are journalled. */
  depth = 0;
  /** The last walk for taints that came by. */
  walk = 0;
  cls: string;
  constructor(cls = 'Object') {
    this.cls = cls;
  }
  /** Named properties; the map is made when first asked for. */
  get props(): Map<string, Slot> {
    this.named ??= new Map();
    return this.named;
  }
  set props(fields: Map<string, Slot>) {
    this.named = fields;
  }
  /** One own property, without making the map. */
  own(key: string): Slot | undefined {
    return this.named === null ? undefined : this.named.get(key);
  }
  /** True where no property was ever set. */
  get bare(): boolean {
    return this.named === null || this.named.size === 0;
  }
}

/** Syntax nodes that make functions. */
export type FunctionNode =
  | t.FunctionDeclaration
  | t.FunctionExpression
  | t.ArrowFunctionExpression
  | t.ObjectMethod
  | t.ClassMethod
  | t.ClassPrivateMethod;

/** A function of the sample with its closure. */
export class Func extends Obj {
  override kind = 'func' as const;
  readonly node: FunctionNode | t.Class;
  readonly scope: Scope;
  /** Lexical `this` of arrows, or null. */
  boundThis: Value | null = null;
  boundArgs: Value[] = [];
  /** For methods and constructors: where `super` looks. */
  home: Obj | null = null;
  isClass = false;
  superClass: Value | null = null;
  /** The `arguments` that an arrow sees: those of the function around it. */
  lexicalArgs: Value[] | null = null;
  fields: { node: t.ClassProperty | t.ClassPrivateProperty | t.ClassAccessorProperty; key: string }[] = [];
  file: string;
  constructor(node: FunctionNode | t.Class, scope: Scope, file: string) {
    super('Function');
    this.node = node;
    this.scope = scope;
    this.file = file;
  }
  /** An arrow keeps hold of the arguments around it: who looks into the function for taints finds them as a property. */
  override get props(): Map<string, Slot> {
    const props = super.props;
    if (this.lexicalArgs !== null && !props.has('@@arguments')) {
      const list = new Obj('Array');
      list.elements = this.lexicalArgs;
      list.depth = this.depth;
      props.set('@@arguments', list);
    }
    return props;
  }
  override set props(fields: Map<string, Slot>) {
    super.props = fields;
  }
  override get bare(): boolean {
    return this.lexicalArgs === null && super.bare;
  }
}

/** A value of the world outside the sample, known by its path: `fs.readFileSync`, `https.request()`. */
export class Api extends Obj {
  override kind = 'api' as const;
  readonly path: string;
  /** What the object talks to, where known: the URL of a request, the path of a stream, the command of a child. */
  target: string | null = null;
  /** Where that comes from. */
  targetTaints: Taints = null;
  /** The receiver it was read from, or the bound `this`. */
  self: Value | null = null;
  /** True after `bind`: the receiver stays. */
  fixed = false;
  boundArgs: Value[] = [];
  /** Part of a module outside the package, so that who changes it changes it for the whole process. */
  ofModule = false;
  constructor(path: string) {
    super('Api');
    this.path = path;
  }
}

/** A proxy value whose properties come from the sample's `get` trap. */
export class TrapApi extends Api {
  readonly inner: Value;
  readonly trap: (key: string) => Value;
  constructor(inner: Value, trap: (key: string) => Value) {
    super('Proxy()');
    this.inner = inner;
    this.trap = trap;
  }
}

/** A function that the models themselves hand out (resolve of a promise, bound continuations). */
export class Native extends Obj {
  override kind = 'func' as const;
  readonly run: (args: Value[], self: Value) => Value;
  constructor(run: (args: Value[], self: Value) => Value) {
    super('Function');
    this.run = run;
  }
}

/** A Buffer, typed array or ArrayBuffer: bytes known, or the text it was made of, or nothing. */
export class Bytes extends Obj {
  bytes: Uint8Array | null;
  text: string | null;
  constructor(bytes: Uint8Array | null, text: string | null, taints: Taints) {
    super('Buffer');
    this.bytes = bytes;
    this.text = text;
    this.taints = taints;
  }
}

/** A regular expression of the sample. */
export class Pattern extends Obj {
  readonly source: string;
  readonly flags: string;
  lastIndex = 0;
  constructor(source: string, flags: string) {
    super('RegExp');
    this.source = source;
    this.flags = flags;
  }
}

/** Whether nothing is known of a value but where it comes from: a member of something unknown, too. */
export function isUnknown(value: Value): boolean {
  return value.kind === 'unknown' || (value instanceof Api && value.path.startsWith('?.'));
}

const OPEN_LENGTH = '#open';

/** Says of a list that it may be longer or shorter than what is known of it. */
export function leaveOpen(list: Obj): Obj {
  list.props.set(OPEN_LENGTH, UNDEFINED);
  return list;
}

/** Whether how long a list is is not known. */
export function isOpenList(list: Obj): boolean {
  return list.rest !== null || list.props.has(OPEN_LENGTH);
}

/** Map, Set, WeakMap, WeakSet, URLSearchParams, FormData, Headers. */
export class Store extends Obj {
  readonly entries: Map<unknown, [Value, Value]> = new Map();
}

/** A promise: settled with a value, or waiting. */
export class Future extends Obj {
  result: Value | null = null;
  waiting: ((value: Value) => void)[] = [];
  /** The promise that it follows, whose failure it hands on. */
  from: Value | null = null;
  /** What it was rejected with, and what waits for that. */
  failure: Value | null = null;
  failing: ((value: Value) => void)[] = [];
  /** What was answered on the way to it, whatever it gives. */
  answers: Taints = null;
  constructor() {
    super('Promise');
  }
}

/** Shared constants without taint. */
export const UNDEFINED: Prim = { kind: 'prim', value: undefined, taints: null, decoded: false };
export const NULL: Prim = { kind: 'prim', value: null, taints: null, decoded: false };
export const TRUE: Prim = { kind: 'prim', value: true, taints: null, decoded: false };
export const FALSE: Prim = { kind: 'prim', value: false, taints: null, decoded: false };
export const UNKNOWN: Unknown = { kind: 'unknown', taints: null };

/** A constant of the model's making. */
export function prim(value: Primitive, taints: Taints = null, decoded = false): Prim {
  if (taints === null && !decoded) {
    if (value === undefined) return UNDEFINED;
    if (value === true) return TRUE;
    if (value === false) return FALSE;
    if (value === null) return NULL;
  }
  return { kind: 'prim', value, taints, decoded };
}

/** A partly known text. */
export function text(value: string, taints: Taints = null, decoded = false): Value {
  return value === HOLE ? unknown(taints) : { kind: 'text', text: value, taints, decoded };
}

/** A value of which only the taint is known. */
export function unknown(taints: Taints): Unknown {
  return taints === null ? UNKNOWN : { kind: 'unknown', taints };
}

/** The value with more taints on it; objects are marked in place. */
export function tainted(value: Value, taints: Taints): Value {
  if (taints === null) return value;
  if (value instanceof Obj) {
    value.taints = joinTaints(value.taints, taints);
    return value;
  }
  const joined = joinTaints(value.taints, taints);
  return joined === value.taints ? value : { ...value, taints: joined };
}

/** The value with these taints in its fields, where it or one of a few that it may be is not known. */
export function keeping(value: Value, taints: Taints): Value {
  if (value.kind === 'union') {
    const all = value.alternatives.map((each) => keeping(each, taints));
    return all.every((each, index) => each === value.alternatives[index]) ? value : { ...value, alternatives: all };
  }
  if (value.kind !== 'unknown' || taints === null) return value;
  const kept = joinTaints(value.kept ?? null, taints);
  return kept === value.kept ? value : { ...value, kept };
}

const MAX_ALTERNATIVES = 8;

function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === 'prim' && b.kind === 'prim') return Object.is(a.value, b.value);
  if (a.kind === 'text' && b.kind === 'text') return a.text === b.text;
  return a.kind === 'unknown' && b.kind === 'unknown';
}

/** Where a list holds a value; -1 where it does not. */
function placeOf(list: readonly Value[], value: Value): number {
  for (let index = 0; index < list.length; index++) if (same(list[index] as Value, value)) return index;
  return -1;
}

/** True where a join would give the union as it is: nothing new is made, and loops that join again and again come to rest. */
function holdsAll(union: Union, value: Value): boolean {
  if (joinTaints(union.taints, value.taints) !== union.taints) return false;
  if (value.kind !== 'union') return holdsOne(union, value);
  for (let index = 0; index < value.alternatives.length; index++)
    if (!holdsOne(union, value.alternatives[index] as Value)) return false;
  return true;
}

function holdsOne(union: Union, value: Value): boolean {
  const index = placeOf(union.alternatives, value);
  if (index < 0) return false;
  const known = union.alternatives[index] as Value;
  return known === value || alike(known, value) === known;
}

/** One value that stands for both. */
export function join(a: Value, b: Value): Value {
  if (a === b) return a;
  if (!(a instanceof Obj) && same(a, b)) return alike(a, b);
  if (a.kind === 'union' && holdsAll(a, b)) return a;
  if (b.kind === 'union' && b.alternatives[0] === a && joinTaints(a.taints, b.taints) === b.taints) return b;
  const out: Value[] = a.kind === 'union' ? a.alternatives.slice() : [a];
  let taints = joinTaints(a.taints, b.taints);
  if (b.kind !== 'union') addTo(out, b);
  else for (let index = 0; index < b.alternatives.length; index++) addTo(out, b.alternatives[index] as Value);
  if (out.length === 1) return out[0] as Value;
  if (out.length > MAX_ALTERNATIVES) {
    const kept = out.filter((value) => value instanceof Obj);
    for (const value of out) taints = joinTaints(taints, value.taints);
    if (kept.length === 0) return blurred(out, taints);
    if (kept.length >= MAX_ALTERNATIVES) return unknown(taints);
    return { kind: 'union', alternatives: [...kept, unknown(taints)], taints };
  }
  return { kind: 'union', alternatives: out, taints };
}

function addTo(out: Value[], value: Value): void {
  const index = placeOf(out, value);
  if (index < 0) out.push(value);
  else if (!(value instanceof Obj)) out[index] = alike(out[index] as Value, value);
}

/** One value for two that are the same but for their taints. */
function alike(a: Value, b: Value): Value {
  const value = tainted(a, b.taints);
  return b.kind === 'unknown' && b.kept !== undefined ? keeping(value, b.kept) : value;
}

/** Too many values as one: texts that begin alike with an address or a path keep that beginning. */
export function blurred(values: readonly Value[], taints: Taints): Value {
  let start: string | null = null;
  for (const value of values) {
    const shown = value.kind === 'prim' ? String(value.value) : value.kind === 'text' ? value.text : null;
    if (shown === null) return unknown(taints);
    if (start === null) start = shown.slice(0, 2000);
    else {
      let same = 0;
      while (same < start.length && start[same] === shown[same]) same++;
      start = start.slice(0, same);
    }
    if (start.length < 8) return unknown(taints);
  }
  const known = start?.replace(/\uFFFC+$/, '') ?? '';
  return /^(?:[a-z][a-z+]*:)?\/\/[^/]+\/|^[~/]/i.test(known) ? text(`${known}${HOLE}`, taints) : unknown(taints);
}

/** The join of many values; undefined for none. */
export function joinAll(values: readonly Value[]): Value {
  if (values.length === 0) return UNDEFINED;
  return values.reduce(join);
}

/** The alternatives of a value: itself, or the members of a union. */
export function alternatives(value: Value): readonly Value[] {
  return value.kind === 'union' ? value.alternatives : [value];
}

/** The constant text of a value, or null. */
export function constantText(value: Value | undefined): string | null {
  return value !== undefined && value.kind === 'prim' && typeof value.value === 'string' ? value.value : null;
}

/** The constant number of a value, or null. */
export function constantNumber(value: Value | undefined): number | null {
  return value !== undefined && value.kind === 'prim' && typeof value.value === 'number' ? value.value : null;
}

/** What is known of the value as a text, holes included, or null. */
export function knownText(value: Value | undefined): string | null {
  if (value === undefined) return null;
  if (value.kind === 'prim') return value.value === undefined || value.value === null ? null : String(value.value);
  if (value.kind === 'text') return value.text;
  if (value instanceof Bytes) return value.bytes === null ? value.text : Buffer.from(value.bytes).toString('utf8');
  if (value.kind === 'union') {
    for (const each of value.alternatives) {
      if ((each.kind === 'prim' && typeof each.value === 'string') || each.kind === 'text') return knownText(each);
    }
  }
  if (value instanceof Obj && value.cls === 'URL') {
    const href = value.props.get('href');
    return href === undefined || href.kind === 'accessor' ? null : knownText(href);
  }
  return null;
}

/** True, false, or null where it is not known. */
export function truth(value: Value): boolean | null {
  switch (value.kind) {
    case 'prim':
      return Boolean(value.value);
    case 'text':
      return value.text.replaceAll(HOLE, '') === '' ? null : true;
    case 'unknown':
      return null;
    case 'union': {
      const first = truth(value.alternatives[0] as Value);
      return first !== null && value.alternatives.every((each) => truth(each) === first) ? first : null;
    }
    default:
      return value.kind === 'api' ? null : true;
  }
}
