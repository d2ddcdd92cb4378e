import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Api, constantNumber, type Value } from '../interpreter/value.js';

const ORDERS: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);

/** Property that keeps the moment of a date. */
export const MOMENT = '@@moment';

/** The moment of a date that stands in the code, in milliseconds; null where it is another, or no date. */
export function momentOf(value: Value): number | null {
  const moment = value instanceof Api ? value.own(MOMENT) : undefined;
  return moment === undefined || moment.kind === 'accessor' ? null : constantNumber(moment);
}

/** Tells where the clock is compared with a moment that stands in the code: what follows begins, or ends, on that day. */
export function clockCompared(I: Interpreter, left: Value, right: Value, node: t.BinaryExpression, frame: Frame): void {
  if (!ORDERS.has(node.operator)) return;
  if (!(isClock(left) && isMoment(right)) && !(isClock(right) && isMoment(left))) return;
  const line = node.loc?.start.line ?? 1;
  const detail = I.loader.excerpt(frame.file, node);
  I.fact('clock.compared', detail, frame.file, line, [I.at(node, frame.file, 'guard', detail)]);
}

function isClock(value: Value): boolean {
  return (
    constantNumber(value) === null &&
    momentOf(value) === null &&
    value.taints?.some(({ source }) => source === 'mark.date') === true
  );
}

/** Milliseconds or seconds of a day of these years, or such a year. */
function isMoment(value: Value): boolean {
  const number = constantNumber(value) ?? momentOf(value);
  if (number === null) return false;
  return (number > 1.4e12 && number < 4.1e12) || (number > 1.4e9 && number < 4.1e9) || (number > 2015 && number < 2100);
}
