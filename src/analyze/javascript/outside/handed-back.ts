import type { Observation } from '../../observation.js';
import { awaited } from '../interpreter/expressions.js';
import { type Interpreter, topFrame } from '../interpreter/interpreter.js';
import { Func, Obj, TrapApi, type Value } from '../interpreter/value.js';
import { deepTaints } from '../taint/inner-taints.js';
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
  for (const { source, detail, file, line } of deepTaints(value) ?? []) {
    if (source !== 'net.response') continue;
    I.handedBack.add(`${file}:${line}`);
    I.handedBack.add(`${file} ${detail}`);
  }
}

function handOut(I: Interpreter, value: Value, depth: number): void {
  // Whoever gets a proxy asks it for what he likes.
  if (value instanceof TrapApi) for (const key of ASKED) I.later(() => void value.trap(key));
  if (value instanceof Func) I.handedOut.add(value.node);
  else if (value instanceof Obj && value.kind === 'obj' && depth > 0)
    for (const slot of value.props.values()) if (slot.kind !== 'accessor') handOut(I, slot, depth - 1);
}

/** Marks the requests whose answers were handed back to a caller. */
export function markAnswered(I: Interpreter): void {
  if (I.handedBack.size === 0) return;
  for (const seen of I.observations) {
    if (
      isRequest(seen) &&
      (I.handedBack.has(`${seen.file}:${seen.line}`) || I.handedBack.has(`${seen.file} ${seen.target}`))
    )
      seen.answered = true;
  }
}

function isRequest({ sink }: Observation): boolean {
  return sink === 'net.out' || sink === 'net.socket';
}
