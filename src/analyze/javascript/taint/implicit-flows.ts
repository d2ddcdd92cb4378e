import type { Guard } from '../../observation.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, Obj, prim, type Slot, type Value } from '../interpreter/value.js';
import { joinTaints, renamed, sourceFlow, type Taints, transformed } from './taint.js';

const LONGEST_SYMBOL = 2;

/**
 * What a choice by a character of the package's own file gives, where it is a symbol: code that is hidden in blanks or letters of a
 * file is spelled that way, `character === '\t' ? '1' : '0'`, and nothing of the file's text is left in it.
 */
export function spelled(test: Taints, chosen: Value): Value {
  if (test === null || chosen.kind !== 'prim' || chosen.taints !== null) return chosen;
  const isSymbol =
    typeof chosen.value === 'number' || (typeof chosen.value === 'string' && chosen.value.length <= LONGEST_SYMBOL);
  const own = isSymbol ? test.filter(({ source }) => source === 'file.own') : [];
  return own.length === 0 ? chosen : prim(chosen.value, transformed(own, 'charcode', null));
}

/** What is XORed with something is spelled otherwise; that is told of data of the package, which somebody could have written plainly. */
export function deciphered(taints: Taints): Taints {
  const own = taints?.filter(({ source }) => source === 'file.own') ?? [];
  if (own.length === 0) return taints;
  const others = (taints as NonNullable<Taints>).filter(({ source }) => source !== 'file.own');
  return joinTaints(transformed(own, 'xor', null), others.length === 0 ? null : others);
}

/** Guards that say whose machine it is, or when; a flag that is set under one stands for it wherever it is asked about. */
const TELLING: ReadonlyMap<string, string> = new Map(
  ['door', 'date', 'random', 'locale', 'debugger', 'ci', 'address'].map((kind) => [kind, `mark.${kind}`]),
);
/** A day that stands in the code; how long ago something was says nothing. */
const OF_A_DAY = /\d{10}|\de1[12]|new Date\(\s*[^)\s]|Date\.(?:UTC|parse)|get(?:UTC)?(?:Month|Day|Date|FullYear)\b/;
/** Whose machine it is, not where on it something lies. */
const WHOSE = /host|user|login|logname|computer|domain/i;
const LONGEST_FLAG = 24;
const FLAG = 'flag';

/** A constant that is set, given back or chosen under conditions of the function it stands in, as the flag for them that it is. */
export function flagged(I: Interpreter, frame: Frame, value: Value): Value {
  if (I.guards.length <= frame.guardsOutside) return value;
  let flag = value;
  for (let at = frame.guardsOutside; at < I.guards.length; at++) flag = flaggedBy(flag, I.guards[at] as Guard, frame);
  return flag;
}

/** A constant as the flag for one condition, which is no flag itself: what follows from what follows says ever less. */
export function flaggedBy(value: Value, guard: Guard, frame: Frame): Value {
  const source = TELLING.get(guard.kind);
  if (source === undefined || value.kind !== 'prim' || ofFlags.has(guard)) return value;
  if (guard.kind === 'date' && !OF_A_DAY.test(guard.text)) return value;
  if (typeof value.value === 'string' && value.value.length > LONGEST_FLAG) return value;
  const step = { role: 'source' as const, file: frame.file, line: guard.line, column: 0, note: guard.kind };
  return prim(value.value, joinTaints(value.taints, sourceFlow(source, FLAG, step)), value.decoded);
}

/** Whether a value stands for a condition that it was set under. */
export function isFlag({ taints }: Value): boolean {
  return taints?.some(({ source, detail }) => detail === FLAG && source.startsWith('mark.')) === true;
}

/** Conditions that ask about flags. */
const ofFlags = new WeakSet<Guard>();

/** Notes a condition that asks about a flag. */
export function noteFlag(test: Value, guard: Guard): Guard {
  if (isFlag(test)) ofFlags.add(guard);
  return guard;
}

/** The other way of a condition asks about the same flag. */
export function sameFlag(of: Guard, other: Guard): Guard {
  if (ofFlags.has(of)) ofFlags.add(other);
  return other;
}

/** What is left of the key in what a table of the package gives for it: whom or when it asks about. */
export function lookedUpBy(key: Taints): Taints {
  const marks: Taints[] = (key ?? []).map((flow) => {
    if (flow.source.startsWith('mark.') && flow.source !== 'mark.setting') return [flow];
    return flow.source === 'identity.host' && WHOSE.test(flow.detail)
      ? [renamed(flow, 'mark.hostname', flow.detail)]
      : null;
  });
  return marks.reduce(joinTaints, null);
}

const RECORD = 'mark.record';
const DIGEST_TEXT =
  /^(?:(?:[0-9a-f]{2}){16,64}|[A-Za-z0-9+/_-]{42,88}={0,2}|\$(?:2[aby]|argon2\w*|scrypt|pbkdf2[\w-]*)\$.{20,150})$/i;
const OF_SOMEBODY = /^(?:param|given|input\.request)/;
const MOST_FIELDS = 12;

/** What a table of the code holds under the name that somebody gives: a digest in it is the record of one that the author let in. */
export function recordOf(key: Taints, value: Value): Value {
  if (key === null || (value.kind !== 'prim' && value.kind !== 'obj')) return value;
  if (value.kind === 'prim' && !isDigestText(value)) return value;
  const asked = key.find(({ source }) => OF_SOMEBODY.test(source));
  if (asked === undefined) return value;
  const mark: Taints = [renamed(asked, RECORD, 'digest')];
  if (value.kind === 'prim') return prim(value.value, mark);
  return value instanceof Obj ? markedFields(value, mark) : value;
}

function markedFields(record: Obj, mark: Taints): Obj {
  if (record.cls !== 'Object' || record.bare || record.elements !== null || record.props.size > MOST_FIELDS)
    return record;
  const slots = [...record.props];
  if (!slots.some(([, slot]) => isDigestText(slot))) return record;
  const copy = new Obj(record.cls);
  copy.depth = record.depth;
  copy.proto = record.proto;
  copy.rest = record.rest;
  for (const [name, slot] of slots)
    copy.props.set(name, slot.kind === 'prim' && isDigestText(slot) ? prim(slot.value, mark) : slot);
  return copy;
}

function isDigestText(value: Slot): boolean {
  return (
    value.kind === 'prim' &&
    typeof value.value === 'string' &&
    value.taints === null &&
    !value.decoded &&
    DIGEST_TEXT.test(value.value)
  );
}

/** The digest of such a record that a value may be. */
export function digestOfRecord(value: Value): Value | undefined {
  return alternatives(value).find(
    (each) => each.kind === 'prim' && each.taints?.some(({ source }) => source === RECORD) === true,
  );
}
