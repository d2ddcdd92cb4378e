import type { Observation, Taint } from '../../observation.js';
import { awaited } from '../interpreter/expressions.js';
import { type Interpreter, topFrame } from '../interpreter/interpreter.js';
import { Func, Obj, TrapApi, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
import type { Taints } from '../taint/taint.js';
import { codeHanded } from './handed-code.js';

/** What is often asked of an object that holds settings. */
const ASKED = ['privateKey', 'apiToken', 'password'];

/** Notes whose answers a value carries that goes to the caller of the package, and the functions that it gets with it. */
export function handBack(I: Interpreter, given: Value, file = I.entry.file): void {
  const value = awaited(I, given);
  handOut(I, value, 3);
  if (I.entry.phase === 'import') codeHanded(I, 'a tool', [value], null, topFrame(file));
  answersIn(I, value);
}

/** Notes whose answers a value carries that somebody outside of the package hears of. */
export function answersIn(I: Interpreter, value: Value): void {
  noteAnswers(deepTaints(value), I.handedBack);
}

/** Notes whose answers are printed for whoever runs the program. */
export function noteShown(I: Interpreter, taints: Taints): void {
  noteAnswers(taints, I.shownAnswers);
}

/** Requests are known by where they stand, and by what they ask of the same file. */
function noteAnswers(
  taints: readonly Pick<Taint, 'source' | 'detail' | 'file' | 'line'>[] | null,
  noted: Set<string>,
): void {
  for (const { source, detail, file, line } of taints ?? []) {
    if (source !== 'net.response') continue;
    noted.add(`${file}:${line}`);
    noted.add(`${file} ${detail}`);
  }
}

function handOut(I: Interpreter, value: Value, depth: number): void {
  // Whoever gets a proxy asks it for what he likes.
  if (value instanceof TrapApi) for (const key of ASKED) I.later(() => void value.trap(key));
  if (value instanceof Func) I.handedOut.add(value.node);
  else if (value instanceof Obj && value.kind === 'obj' && depth > 0) {
    if (value.proto instanceof Obj && I.instances.has(value.proto)) I.handedPrototypes.add(value.proto);
    for (const slot of value.props.values()) if (slot.kind !== 'accessor') handOut(I, slot, depth - 1);
  }
}

/** Marks the requests whose answers were handed back to a caller, and those whose answers were printed or kept. */
export function markAnswered(I: Interpreter): void {
  for (const seen of I.observations) if (seen.sink === 'fs.write') noteAnswers(seen.taints, I.shownAnswers);
  for (const seen of I.observations) {
    if (!isRequest(seen)) continue;
    if (isNoted(seen, I.handedBack)) seen.answered = true;
    if (isNoted(seen, I.shownAnswers)) seen.shown = true;
  }
}

function isNoted({ file, line, target, api, sink }: Observation, noted: ReadonlySet<string>): boolean {
  if (noted.has(`${file}:${line}`) || noted.has(`${file} ${target}`)) return true;
  // Of a connection to an address that is not known, messages are called by where they were heard.
  return sink === 'net.socket' && target === null && HEARD.some((name) => noted.has(`${file} ${api}().${name}`));
}

const HEARD = ['on', 'once', 'addListener', 'addEventListener', 'onmessage', 'read'];

function isRequest({ sink }: Observation): boolean {
  return sink === 'net.out' || sink === 'net.socket';
}
