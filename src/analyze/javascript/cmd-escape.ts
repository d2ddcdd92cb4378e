import { Pattern, type Value } from './value.js';

/** What cmd.exe gives a meaning to; code without any of it calls nothing and chains nothing, in JavaScript neither. */
const MEANINGFUL = ['(', ')', '%', '!', '"', '<', '>', '&', '|', ';', ' ', '`'];

/** Whether a replacement puts a caret before each character that has a meaning for cmd.exe, as cross-spawn does with arguments. */
export function escapesForCmd(what: Value | undefined, by: Value | undefined): boolean {
  if (!(what instanceof Pattern) || !what.flags.includes('g') || by?.kind !== 'prim') return false;
  const group = /^\^\$(?:&|1)$/.exec(String(by.value));
  const characters = /^\(?\[(?!\^)((?:[^\]\\]|\\.)+)\]\)?$/s.exec(what.source)?.[1];
  return group !== null && characters !== undefined && MEANINGFUL.every((each) => characters.includes(each));
}
