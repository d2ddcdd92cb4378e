import type { Interpreter } from '../interpreter/interpreter.js';
import { Pattern, type Value } from '../interpreter/value.js';
import { type Taints, transformed } from '../taint/taint.js';
import type { Call } from './api-calls.js';

/** What cmd.exe gives a meaning to; code without any of it calls nothing and chains nothing, in JavaScript neither. */
const MEANINGFUL = ['(', ')', '%', '!', '"', '<', '>', '&', '|', ';', ' ', '`'];

/** What a replacement leaves of taints: where it puts a caret before each character that has a meaning for cmd.exe, they are `cmd-escape`d. */
export function replacedTaints(I: Interpreter, call: Call, taints: Taints): Taints {
  return escapesForCmd(call.args[0], call.args[1])
    ? transformed(taints, 'cmd-escape', I.at(call.node, call.frame.file, 'step', 'cmd-escape'))
    : taints;
}

// As cross-spawn does with arguments.
function escapesForCmd(what: Value | undefined, by: Value | undefined): boolean {
  if (!(what instanceof Pattern) || !what.flags.includes('g') || by?.kind !== 'prim') return false;
  const group = /^\^\$(?:&|1)$/.exec(String(by.value));
  const characters = /^\(?\[(?!\^)((?:[^\]\\]|\\.)+)\]\)?$/s.exec(what.source)?.[1];
  return group !== null && characters !== undefined && MEANINGFUL.every((each) => characters.includes(each));
}
