import { tainted, type Value } from '../interpreter/value.js';
import { joinTaints, sourceFlow } from './taint.js';

/** What people call bytes that a key is made of. */
const KEY = /^[#_$]*(?:entropy|mnemonic|seed(?:_?phrase|_?bytes)?|(?:private|secret|master|signing)_?key|priv_?key)$/i;

/** A value under its name: random bytes that are called a key are one. */
export function namedKey(value: Value, name: string): Value {
  const random = value.taints?.find(({ source, detail }) => source === 'mark.random' && detail.startsWith('crypto.'));
  const step = random?.steps[0];
  if (step === undefined || !KEY.test(name)) return value;
  const note = `random bytes that are called ${name}`;
  return tainted(value, joinTaints(value.taints, sourceFlow('generated.key', name, { ...step, note })));
}
