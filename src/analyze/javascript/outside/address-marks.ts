import type * as t from '@babel/types';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { Api, type Value } from '../interpreter/value.js';
import { joinTaints } from '../taint/taint.js';

/** An address, as a text or as what a library makes of one, with a mark that says how it came to be taken. */
export function withMark(I: Interpreter, value: Value, mark: string, node: t.Node, frame: Frame): Value {
  if (value instanceof Api) {
    const address = value.own('@@address');
    if (address === undefined || address.kind === 'accessor') return value;
    const copy = new Api(value.path);
    copy.depth = I.journals.depth;
    copy.taints = value.taints;
    copy.props.set('@@address', withMark(I, address, mark, node, frame));
    return copy;
  }
  if (value.kind !== 'prim' || typeof value.value !== 'string') return value;
  return { ...value, taints: joinTaints(value.taints, I.source(mark, value.value, node, frame.file)) };
}

/** What an address is, or holds: the text. */
export function addressOf(value: Value): Value | undefined {
  const address = value instanceof Api ? value.own('@@address') : value;
  return address?.kind === 'accessor' ? undefined : address;
}

export function hasMark(value: Value, mark: string): boolean {
  return addressOf(value)?.taints?.some(({ source }) => source === mark) === true;
}
