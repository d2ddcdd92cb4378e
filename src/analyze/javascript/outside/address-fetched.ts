import type { Interpreter } from '../interpreter/interpreter.js';
import { text, type Value } from '../interpreter/value.js';
import type { Call } from './api-calls.js';
import { argumentFact, observe } from './observe.js';

/** Observes what is fetched with something of a value in its address. */
export function addressFetched(
  I: Interpreter,
  at: Pick<Call, 'node' | 'frame'>,
  api: string,
  address: string,
  value: Value,
): void {
  observe(I, {
    sink: 'net.out',
    api,
    target: address,
    args: [argumentFact(I, text(address, value.taints))],
    taints: value.taints,
    node: at.node,
    frame: at.frame,
  });
}
