import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { asIterator } from '../interpreter/iteration.js';
import { pattern, toPrimitive } from '../interpreter/literals.js';
import { nativeText, objectText } from '../interpreter/operators.js';
import {
  Api,
  alternatives,
  constantText,
  HOLE,
  join,
  knownText,
  leaveOpen,
  Obj,
  Pattern,
  type Primitive,
  prim,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { replacing } from '../outside/address-swaps.js';
import { shapeAsked } from '../outside/addresses-led.js';
import type { Call, Model } from '../outside/api-calls.js';
import { replacedTaints } from '../outside/cmd-escape.js';
import { partReplaced } from '../outside/replaced-parts.js';
import { matchAll, matchFirst, replaceAll, splitBy, testPattern } from '../parsing/patterns-bounded.js';
import { throughPart } from '../taint/doors.js';
import { inName } from '../taint/random-names.js';
import { joinTaints, type Taints } from '../taint/taint.js';

/** Methods whose result on constants is the language's own: receiver text and constant arguments. */
const PURE = new Set([
  'at',
  'charAt',
  'charCodeAt',
  'codePointAt',
  'concat',
  'endsWith',
  'includes',
  'indexOf',
  'lastIndexOf',
  'localeCompare',
  'normalize',
  'padEnd',
  'padStart',
  'repeat',
  'slice',
  'startsWith',
  'substr',
  'substring',
  'toLowerCase',
  'toUpperCase',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toString',
  'trim',
  'trimEnd',
  'trimStart',
  'trimLeft',
  'trimRight',
  'valueOf',
  'isWellFormed',
  'toWellFormed',
  'anchor',
  'link',
  'big',
  'bold',
  'fontcolor',
  'italics',
  'sub',
  'sup',
  'small',
  'strike',
  'blink',
  'fixed',
  'fontsize',
]);
/** Of those, the ones that make a new text, so that it counts as decoded. */
const MAKES_TEXT = new Set(['concat', 'padEnd', 'padStart', 'slice', 'substr', 'substring']);
/** Those that write a whole text anew, where the others only point into the old one. */
const COPIES = new Set([
  'normalize',
  'padEnd',
  'padStart',
  'repeat',
  'toLowerCase',
  'toUpperCase',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
]);
const KEEPS_PARTIAL = new Set([
  'trim',
  'trimEnd',
  'trimStart',
  'toString',
  'valueOf',
  'normalize',
  'toLowerCase',
  'toUpperCase',
]);
const MAX_TEXT = 8_000_000;

function receiverText(call: Call): string | null {
  const self = call.self;
  if (self.kind === 'prim')
    return typeof self.value === 'string'
      ? self.value
      : self.value === null || self.value === undefined
        ? null
        : String(self.value);
  const shown = self instanceof Obj ? objectText(self) : null;
  return shown !== null && !shown.includes(HOLE) ? shown : null;
}

function allTaints(call: Call): Taints {
  return joinTaints(call.self.taints, argumentTaints(call.args));
}

function pure(name: string): Model {
  return (I, call) => {
    if (call.self.kind === 'text') return partial(name, call);
    const self = receiverText(call);
    const taints = allTaints(call);
    if (self === null) return unknown(taints);
    const args: Primitive[] = [];
    for (const each of call.args) {
      if (each.kind === 'prim') args.push(each.value);
      else if (name === 'concat') return text(self + joinedTexts(call), inName(taints), self !== '');
      else return unknown(taints);
    }
    if (
      (name === 'repeat' || name === 'padEnd' || name === 'padStart') &&
      Number(args[0]) * (name === 'repeat' ? self.length : 1) > MAX_TEXT
    )
      return unknown(taints);
    const method = String.prototype[name as 'at'] as unknown as (...values: unknown[]) => Primitive;
    try {
      const result = method.apply(self, args);
      if (COPIES.has(name)) I.memory.chargeBytes(self.length + (typeof result === 'string' ? result.length : 0));
      const decoded =
        typeof result === 'string' &&
        result.length > 2 &&
        ((call.self.kind === 'prim' && call.self.decoded) || (MAKES_TEXT.has(name) && result !== self));
      return prim(result, taints, decoded);
    } catch {
      return unknown(taints);
    }
  };
}

/** The arguments one after the other, those that are not known as holes. */
function joinedTexts({ args }: Call): string {
  return args.map((each) => knownText(each) ?? HOLE).join('');
}

function partial(name: string, call: Call): Value {
  const self = call.self as Value & { kind: 'text' };
  const taints = allTaints(call);
  if (KEEPS_PARTIAL.has(name)) return text(self.text, taints, self.decoded);
  if (name === 'concat') return text(self.text + joinedTexts(call), inName(taints), true);
  const wanted = constantText(call.args[0]);
  const head = self.text.split(HOLE)[0] as string;
  if (name === 'startsWith' && wanted !== null && head.length >= wanted.length)
    return prim(head.startsWith(wanted), taints);
  if (name === 'includes' && wanted !== null && self.text.includes(wanted)) return prim(true, taints);
  return unknown(taints);
}

function split(I: Interpreter, call: Call): Value {
  const taints = allTaints(call);
  const self = receiverText(call);
  const [by, limit] = call.args;
  if (self === null) {
    const known = call.self.kind === 'text' ? call.self.text : null;
    const separator = constantText(by);
    const list = I.array([]);
    if (known !== null && separator !== null && separator !== '')
      list.elements = known.split(separator).map((part) => text(part, taints));
    else list.rest = unknown(taints);
    list.taints = taints;
    return leaveOpen(list);
  }
  let parts: string[] | null = null;
  if (by === undefined || (by.kind === 'prim' && by.value === undefined)) parts = [self];
  else if (by.kind === 'prim') parts = self.split(String(by.value));
  else if (by instanceof Pattern) parts = splitBy(by, self);
  if (parts === null || parts.length > 500_000) {
    const list = I.array([]);
    list.rest = unknown(taints);
    list.taints = taints;
    return list;
  }
  if (limit?.kind === 'prim' && typeof limit.value === 'number') parts = parts.slice(0, limit.value);
  const decoded = call.self.kind === 'prim' && call.self.decoded;
  return I.array(parts.map((part) => prim(part, taints, decoded)));
}

/** What is put into a text that is not known is worth knowing from this length on. */
const LONG_PART = 24;

function inUnknown(I: Interpreter, call: Call, by: Value | undefined, taints: Taints): Value {
  if (by !== undefined && by.kind !== 'func') {
    partReplaced(I, call, by);
  }
  if (by?.kind === 'prim' && String(by.value).length >= LONG_PART)
    return text(`${HOLE}${String(by.value)}${HOLE}`, taints);
  if (by?.kind === 'func') {
    const put = replacing(I, call.args[0], () =>
      callFunction(I, by, UNDEFINED, [unknown(taints), unknown(taints), unknown(taints)], call.node, call.frame),
    );
    partReplaced(I, call, put);
  }
  return unknown(taints);
}

function replace(all: boolean): Model {
  return (I, call) => {
    const [what, by] = call.args;
    const taints = replacedTaints(I, call, allTaints(call));
    const self = receiverText(call) ?? (call.self.kind === 'text' ? call.self.text : null);
    const isWhole = call.self.kind !== 'text';
    if (self === null || what === undefined || by === undefined) return inUnknown(I, call, by, taints);
    let result: string | null;
    let unknownPart: Taints = null;
    const isCalled = by.kind === 'func' || by.kind === 'api';
    const substitute = (found: string, groups: readonly (string | undefined)[], at: number): string => {
      if (by.kind === 'prim') return expand(String(by.value), found, groups);
      if (!isCalled) return knownText(by) ?? HOLE;
      const value = callFunction(
        I,
        by,
        UNDEFINED,
        [prim(found, taints), ...groups.map((group) => prim(group, taints)), prim(at), prim(self)],
        call.node,
        call.frame,
      );
      unknownPart = joinTaints(unknownPart, value.taints);
      return knownText(value) ?? HOLE;
    };
    if (what instanceof Pattern) result = replaceAll(what, self, substitute, all || what.flags.includes('g'));
    else if (what.kind === 'prim') result = replaceText(self, String(what.value), substitute, all);
    else result = null;
    if (result === null) return unknown(taints);
    I.memory.chargeBytes(self.length + result.length);
    const joined = joinTaints(taints, unknownPart);
    const decoded = result !== self && result.length > 2 && (isCalled || by.kind === 'prim');
    // It may stand in what is not known; of that something may be left, or nothing.
    if (!isWhole && result === self) return inUnknown(I, call, by, taints);
    if (!isWhole) return result.includes(HOLE) ? text(result, joined, decoded) : unknown(joined);
    return result.includes(HOLE) && !self.includes(HOLE)
      ? text(result, joined, decoded)
      : prim(result, joined, decoded);
  };
}

function replaceText(
  self: string,
  what: string,
  by: (found: string, groups: readonly string[], at: number) => string,
  all: boolean,
): string {
  let out = '';
  let from = 0;
  for (let rounds = 0; rounds < 100_000; rounds++) {
    const at = self.indexOf(what, from);
    if (at < 0) break;
    out += self.slice(from, at) + by(what, [], at);
    from = at + what.length;
    if (!all || what === '') break;
  }
  return out + self.slice(from);
}

function expand(template: string, found: string, groups: readonly (string | undefined)[]): string {
  if (!template.includes('$')) return template;
  return template.replace(/\$(\$|&|\d{1,2})/g, (whole, code: string) => {
    if (code === '$') return '$';
    if (code === '&') return found;
    const group = groups[Number(code) - 1];
    return Number(code) >= 1 && Number(code) <= groups.length ? (group ?? '') : whole;
  });
}

function match(I: Interpreter, call: Call): Value {
  const taints = allTaints(call);
  const self = receiverText(call);
  const by = toPattern(I, call.args[0]);
  if (self === null || by === null) return shapeAsked(I, by, call.self, unknown(taints), call.node, call.frame);
  const found = by.flags.includes('g') ? matchAll(by, self) : matchFirst(by, self);
  if (found === undefined) return unknown(taints);
  if (found === null) return prim(null, taints);
  const list = I.array(
    by.flags.includes('g')
      ? (found as RegExpMatchArray[]).map((each) => prim(each[0], taints))
      : [...(found as RegExpMatchArray)].map((each) => prim(each, taints)),
  );
  if (!by.flags.includes('g')) addGroups(I, list, found as RegExpMatchArray, taints);
  return by.flags.includes('g') && (found as RegExpMatchArray[]).length === 0 ? prim(null, taints) : list;
}

/** `index` and named groups of a match. */
export function addGroups(I: Interpreter, list: Obj, found: RegExpMatchArray, taints: Taints): void {
  list.props.set('index', prim(found.index ?? 0));
  if (found.groups === undefined) return;
  const groups = I.object();
  for (const [name, value] of Object.entries(found.groups)) groups.props.set(name, prim(value, taints));
  list.props.set('groups', groups);
}

function toPattern(I: Interpreter, value: Value | undefined): Pattern | null {
  if (value instanceof Pattern) return value;
  const shown = constantText(value);
  return shown === null ? null : pattern(I, shown, '');
}

/** Characters of codes; unknown codes make an unknown text. */
const fromCharCode: Model = (_I, call) => {
  const taints = argumentTaints(call.args);
  let out = '';
  for (const each of call.args) {
    if (each.kind !== 'prim') return unknown(taints);
    out += call.path.endsWith('fromCodePoint')
      ? codePoint(Number(each.value))
      : String.fromCharCode(Number(each.value));
  }
  return prim(out, taints, true);
};

function codePoint(code: number): string {
  return Number.isInteger(code) && code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

const toText: Model = (I, call) => {
  const given = call.args[0];
  if (given === undefined) return prim('');
  if (given.kind === 'union')
    return given.alternatives.map((each) => toText(I, { ...call, args: [each] }) ?? unknown(each.taints)).reduce(join);
  const value = call.node === null ? given : toPrimitive(I, given, call.node, call.frame);
  // What an object writes itself out as may be one of a few texts.
  if (value.kind === 'union') return toText(I, { ...call, args: [value] });
  if (value.kind === 'prim') return prim(String(value.value), value.taints, value.decoded);
  if (value.kind === 'text') return value;
  const shown = objectText(value) ?? (value instanceof Api ? nativeText(value.path) : null);
  return shown === null
    ? unknown(value.taints)
    : shown.includes(HOLE)
      ? text(shown, value.taints)
      : prim(shown, value.taints);
};

/** Models of String and its prototype. */
export const STRINGS: [string, Model][] = [
  ...[...PURE].map((name): [string, Model] => [`String#${name}`, overAlternatives(pure(name))]),
  ['String#split', overAlternatives(split)],
  ['String#replace', overAlternatives(replace(false))],
  ['String#replaceAll', overAlternatives(replace(true))],
  ['String#match', match],
  [
    'String#matchAll',
    (I, call) => {
      const self = receiverText(call);
      const by = toPattern(I, call.args[0]);
      const found = self === null || by === null ? undefined : matchAll(by, self);
      if (found === undefined) return unknown(allTaints(call));
      return I.array(
        found.map((each) => {
          const list = I.array([...each].map((part) => prim(part, allTaints(call))));
          addGroups(I, list, each, null);
          return list;
        }),
      );
    },
  ],
  [
    'String#search',
    (I, call) => {
      const self = receiverText(call);
      const by = toPattern(I, call.args[0]);
      const found = self === null || by === null ? undefined : matchFirst(by, self);
      return found === undefined
        ? shapeAsked(I, by, call.self, unknown(allTaints(call)), call.node, call.frame)
        : prim(found === null ? -1 : (found.index ?? 0), allTaints(call));
    },
  ],
  ['String#@@iterator', (I, call) => asIterator(I.array([...(receiverText(call) ?? '')].map((each) => prim(each))))],
  ['String.fromCharCode', fromCharCode],
  ['String.fromCodePoint', fromCharCode],
  ['String', toText],
  ['String.raw', (_I, call) => call.args[0]],
  [
    'RegExp',
    (I, call) => {
      const [source, flags] = call.args;
      if (source instanceof Pattern) return pattern(I, source.source, constantText(flags) ?? source.flags);
      const shown = constantText(source);
      return shown === null ? unknown(argumentTaints(call.args)) : pattern(I, shown, constantText(flags) ?? '');
    },
  ],
  [
    'RegExp#test',
    (I, call) => {
      const [asked] = call.args;
      const value = constantText(asked);
      if (!(call.self instanceof Pattern) || value === null) {
        const part = call.self instanceof Pattern ? prim(call.self.source.replace(/^\^|\$$/g, '')) : null;
        const through = part === null || asked === undefined ? undefined : throughPart(I, asked, part, call);
        const answer = through ?? unknown(argumentTaints(call.args));
        return shapeAsked(I, call.self, asked, answer, call.node, call.frame);
      }
      const found = testPattern(call.self, value);
      return found === undefined ? unknown(null) : prim(found, argumentTaints(call.args));
    },
  ],
  [
    'RegExp#exec',
    (I, call) => {
      const value = constantText(call.args[0]);
      const taints = argumentTaints(call.args);
      if (!(call.self instanceof Pattern) || value === null)
        return shapeAsked(I, call.self, call.args[0], unknown(taints), call.node, call.frame);
      const found = matchFirst(call.self, value, /[gy]/.test(call.self.flags) ? call.self.lastIndex : 0);
      if (found === undefined) return unknown(taints);
      if (found === null) {
        call.self.lastIndex = 0;
        return prim(null);
      }
      if (/[gy]/.test(call.self.flags)) call.self.lastIndex = (found.index ?? 0) + Math.max(1, found[0].length);
      const list = I.array([...found].map((each) => prim(each, taints)));
      addGroups(I, list, found, taints);
      return list;
    },
  ],
  [
    'RegExp#toString',
    (_I, call) => (call.self instanceof Pattern ? prim(`/${call.self.source}/${call.self.flags}`) : undefined),
  ],
];

/** Applies a model to each alternative of the receiver. */
export function overAlternatives(model: Model): Model {
  return (I, call) => {
    if (call.self.kind !== 'union') return model(I, call);
    let out: Value | null = null;
    for (const each of alternatives(call.self)) {
      const value = model(I, { ...call, self: each }) ?? unknown(each.taints);
      out = out === null ? value : join(out, value);
    }
    return out ?? unknown(call.self.taints);
  };
}
