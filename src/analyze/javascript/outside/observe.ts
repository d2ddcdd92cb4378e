import type * as t from '@babel/types';
import type { SliceStep } from '../../../model.js';
import type { ArgumentFact, Taint } from '../../observation.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { toJson } from '../interpreter/json-value.js';
import { ARRAY_INDEX } from '../interpreter/properties.js';
import { Api, Bytes, HOLE, knownText, Obj, prim, Store, type Value } from '../interpreter/value.js';
import { shownPath } from '../modules/paths.js';
import { told } from '../taint/guards.js';
import { deepTaints } from '../taint/inner-taints.js';
import { type Flow, joinTaints, type Taints } from '../taint/taint.js';
import { holds } from '../taint/taint-models.js';
import { builtinLots } from './builtin-lots.js';

const MAX_OBSERVATIONS = 3000;
const MAX_ARGUMENT = 20_000;

/** What is known of an argument. */
export function argumentFact(I: Interpreter, value: Value): ArgumentFact {
  const taints = publicTaints(deepTaints(value));
  const several = severalObjects(value);
  const shown = several === null ? shownText(value) : several.map((each) => shownText(each) ?? HOLE).join('\n');
  return {
    text: shown === null ? null : shown.slice(0, MAX_ARGUMENT),
    constant: isConstant(value),
    taints,
    decoded: isDecoded(value),
    fields: several === null ? ownFields(I, value) : sharedFields(several.map((each) => ownFields(I, each))),
  };
}

function shownText(value: Value): string | null {
  if (value instanceof Obj && value.elements !== null) return listText(value);
  if (value instanceof Obj && value.kind === 'obj' && !(value instanceof Bytes) && value.cls === 'Object')
    return toJson(value, MAX_ARGUMENT) ?? null;
  return severalTexts(value) ?? knownText(value);
}

function ownFields(I: Interpreter, value: Value): Record<string, string> {
  return value instanceof Obj && value.kind === 'obj' ? fieldsOf(I, value) : {};
}

/** Options that are one of a few objects, since a condition added to them. */
function severalObjects(value: Value): readonly Obj[] | null {
  if (value.kind !== 'union' || value.alternatives.length > MOST_TEXTS) return null;
  const { alternatives } = value;
  return alternatives.every((each): each is Obj => each instanceof Obj && each.cls === 'Object') ? alternatives : null;
}

/** What stands alike in all of them, and headers that are alike where they are; of what else may be there it counts that it may. */
function sharedFields(all: readonly Record<string, string>[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of new Set(all.flatMap((each) => Object.keys(each)))) {
    const texts = all.flatMap((each) => each[name] ?? []);
    const [text = HOLE] = texts;
    const isHeader = HEADER.test(name);
    const isAlike = texts.every((each) => each === text) && (isHeader || texts.length === all.length);
    // By headers calls are told to be harmless.
    if (isAlike || !isHeader) out[name] = isAlike ? text : HOLE;
  }
  return out;
}

const HEADER = /(?:^|\.)headers\./i;

/** From how many characters on a text is a content rather than a name. */
const CONTENT = 40;
const MOST_TEXTS = 4;

/** A content that is one of a few: what stands in any of them is there to be seen. */
function severalTexts(value: Value): string | null {
  if (value.kind !== 'union' || value.alternatives.length > MOST_TEXTS) return null;
  const texts = value.alternatives.map(knownText);
  const isContent = texts.every((text): text is string => text !== null && text.length >= CONTENT);
  return isContent ? texts.join('\n') : null;
}

function isConstant(value: Value): boolean {
  if (value.kind === 'prim') return true;
  if (value instanceof Bytes) return value.bytes !== null;
  return (
    value instanceof Obj &&
    value.elements !== null &&
    value.rest === null &&
    value.elements.every((each) => each.kind === 'prim')
  );
}

function isDecoded(value: Value): boolean {
  if (value.kind === 'prim' || value.kind === 'text')
    return value.decoded && (value.kind === 'prim' ? isPlainDecoded(value.value) : false);
  if (value.kind === 'union') return value.alternatives.some(isDecoded);
  return false;
}

function isPlainDecoded(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function listText(value: Obj): string {
  return (value.elements ?? [])
    .slice(0, 200)
    .map((each) => knownText(each) ?? HOLE)
    .join(' ');
}

/** String-valued fields of an object, dotted. */
export function fieldsOf(
  I: Interpreter,
  object: Obj,
  prefix = '',
  depth = 0,
  out: Record<string, string> = {},
): Record<string, string> {
  if (depth > 3) return out;
  for (const [key, slot] of object.props) {
    if (slot.kind === 'accessor' || key.startsWith('@@') || key === '__proto__') continue;
    if (Object.keys(out).length > 60) break;
    const shown = knownText(slot);
    if (shown !== null) out[prefix + key] = shown.slice(0, 2000);
    // Of a header that is not known it counts that it is there.
    else if ((slot.kind === 'unknown' || slot.kind === 'union') && /(?:^|\.)headers\.$/i.test(prefix))
      out[prefix + key] = HOLE;
    else if (slot instanceof Obj && slot.kind === 'obj') {
      if (slot.elements !== null) out[prefix + key] = listText(slot).slice(0, 2000);
      else fieldsOf(I, slot, `${prefix}${key}.`, depth + 1, out);
    } else {
      const several = severalObjects(slot);
      if (several !== null)
        Object.assign(out, sharedFields(several.map((each) => fieldsOf(I, each, `${prefix}${key}.`, depth + 1))));
    }
  }
  if (object instanceof Store) {
    for (const [key, item] of object.entries.values()) {
      const name = knownText(key);
      if (name !== null) out[prefix + name] = knownText(item) ?? HOLE;
    }
  }
  return out;
}

/** Taints as rules see them: marks that only explain guards are left out. */
export function publicTaints(taints: Taints): Taint[] {
  if (taints === null) return [];
  return taints
    .filter((flow) => !flow.source.startsWith('mark.'))
    .map(({ source, detail, file, line, through, steps }) => ({ source, detail, file, line, through, steps }));
}

/** Taints that also see `process.env` itself when it is handed over as it is. */
export function handedOver(I: Interpreter, value: Value, node: t.Node | null, frame: Frame, depth = 3): Taints {
  let taints = depth === 3 ? deepTaints(value) : value.taints;
  if (value instanceof Api) {
    const source = I.models.sources.get(value.path);
    if (source !== undefined && value.path !== 'process')
      taints = joinTaints(taints, I.source(source.source, value.path, node, frame.file));
  } else if (value instanceof Obj && depth > 0) {
    for (const slot of [...value.props.values()].slice(0, 60)) {
      if (slot.kind === 'api' || slot.kind === 'obj')
        taints = joinTaints(taints, handedOver(I, slot, node, frame, depth - 1));
    }
    for (const each of (value.elements ?? []).slice(0, 60)) {
      if (each.kind === 'api' || each.kind === 'obj')
        taints = joinTaints(taints, handedOver(I, each, node, frame, depth - 1));
    }
  } else if (value.kind === 'union' && depth > 0) {
    for (const each of value.alternatives) taints = joinTaints(taints, handedOver(I, each, node, frame, depth - 1));
  }
  return taints;
}

const IMPORTANCE = [
  'secret',
  'cloud',
  'env.all',
  'net.response',
  'dns',
  'input',
  'param.secret',
  'identity',
  'file',
  'env',
  'param',
];

function importance(flow: Flow): number {
  const index = IMPORTANCE.findIndex((prefix) => flow.source.startsWith(prefix));
  return index < 0 ? IMPORTANCE.length : index;
}

/** What an observation is made of. */
export interface Seen {
  sink: string;
  api: string;
  target: string | null;
  args: ArgumentFact[];
  taints: Taints;
  node: t.Node | null;
  frame: Frame;
  resolved?: boolean;
  /** Text that was decoded and matters here, to be shown in the slice. */
  decoded?: string | null;
}

/** Records an observation. */
export function observe(I: Interpreter, seen: Seen): void {
  const { node, frame, sink, api } = seen;
  I.worldCalls++;
  const line = node?.loc?.start.line ?? 1;
  const column = node?.loc?.start.column ?? 0;
  const flows = (seen.taints ?? []).filter((flow) => !flow.source.startsWith('mark.'));
  const key = `${sink}|${api}|${frame.file}:${line}|${seen.target}|${seen.args[0]?.text?.slice(0, 200)}|${flows.map((flow) => flow.source + flow.detail).join(',')}|${I.unasked}|${I.entry.phase}`;
  if (I.seenObservations.has(key) || I.observations.length >= MAX_OBSERVATIONS) return;
  I.seenObservations.add(key);
  const steps: SliceStep[] = [];
  const best = [...flows].sort((a, b) => importance(a) - importance(b))[0];
  if (best !== undefined) steps.push(...best.steps);
  for (const guard of I.guards.slice(-3)) {
    if (guard.kind !== 'other')
      steps.push({
        role: 'guard',
        file: frame.file,
        line: guard.line,
        column: 0,
        note: `only if ${guard.kind}: ${guard.text.slice(0, 80)}`,
      });
  }
  const hidden = seen.decoded ?? seen.args.find((each) => each.decoded && each.text !== null)?.text ?? null;
  if (hidden !== null)
    steps.push(I.at(node, frame.file, 'decoder', `decoded: ${JSON.stringify(hidden.slice(0, 160))}`));
  steps.push(
    I.at(
      node,
      frame.file,
      'sink',
      `${api}${seen.target === null ? '' : ` → ${seen.target.replaceAll(HOLE, '…').slice(0, 120)}`}`,
    ),
  );
  I.observations.push({
    sink,
    api,
    target: seen.target,
    language: 'javascript',
    args: seen.args,
    taints: publicTaints(seen.taints),
    guards: told(I.guards.slice(-12)),
    entry: I.entry,
    unasked: I.unasked,
    resolved: seen.resolved ?? true,
    file: frame.file,
    line,
    column,
    steps,
  });
}

/** A file path as rules see it. */
export function pathTarget(I: Interpreter, value: Value | undefined): string | null {
  // `writeFileSync(fd, …)`: what was opened.
  if (value instanceof Api && value.path === 'fs.open()') return value.target;
  const shown = knownText(value);
  return shown === null ? null : shownPath(shown, I.loader.root);
}

/** `{ key: 'a variable' }` where the name of what is replaced does not stand at the place: a wrapper of whatever it is given. */
function keyFields(node: t.Node | null): Record<string, string> {
  const left = node?.type === 'AssignmentExpression' ? node.left : node;
  const isGiven = left?.type === 'MemberExpression' && left.computed && left.property.type === 'Identifier';
  return isGiven ? { key: 'a variable' } : {};
}

/** Notes that a global, prototype or builtin is replaced. */
export function monkeypatched(
  I: Interpreter,
  target: Api,
  key: string | null,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  const path = target.path === 'global' ? (key ?? '') : `${target.path}.${key ?? '*'}`;
  if (target.path === 'process.env' || target.path.includes('()') || target.path.startsWith('?')) return;
  // An element of a list that is taken for its prototype.
  if (key !== null && ARRAY_INDEX.test(key)) return;
  if (!holds(I.models.monkeypatch, path) && !(key === null && holds(I.models.monkeypatch, `${target.path}.x`))) return;
  const name = target.path === 'global' ? `global.${path}` : path;
  builtinLots(I, path, value, node, frame.file);
  observe(I, {
    sink: 'monkeypatch',
    api: name === 'document.cookie' && node?.type === 'AssignmentExpression' ? `${name} =` : name,
    target: name,
    args: [{ ...argumentFact(I, prim(name)), fields: keyFields(node) }, argumentFact(I, value)],
    taints: deepTaints(value),
    node,
    frame,
  });
}
