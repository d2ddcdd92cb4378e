import type { Taint } from '../../observation.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, constantText, Obj, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { IN_ADDRESS, OF_CONNECTION } from './connection-addresses.js';
import { deepTaints } from './inner-taints.js';
import { isWhole, joinTaints, type Taints } from './taint.js';
import type { KeyUse } from './taint-models.js';

/** Fields of settings that hold the secret of a connection. */
const SECRET_FIELD = /^(?:pass\w*|pwd|private_?key|key|secret\w*|token|auth|credentials?|uri|url|connection_?string)$/i;

/** Notes that parameters as a whole are used as keys: what they are called does not matter any more. */
export function noteUse(I: Interpreter, call: Call, { at, given }: KeyUse): void {
  const value = call.args[at];
  if (value === undefined || (given !== null && !given.test(constantText(call.args[0]) ?? ''))) return;
  for (const flow of usedTaints(value) ?? []) {
    if (!isPlain(flow)) continue;
    for (const place of [placeOf(flow), `${flow.file}:${flow.line}`]) {
      const users = I.usedAsKeys.get(place) ?? new Set();
      I.usedAsKeys.set(place, users.add(call.path));
    }
    const [step] = flow.steps;
    if (step !== undefined) I.touch('param.secret', flow.detail, step);
  }
}

/** Of an object that the code itself makes, what it was spread from and the fields that are called like secrets. */
function usedTaints(value: Value): Taints {
  if (!(value instanceof Obj) || value instanceof Api || value.kind !== 'obj' || value.cls !== 'Object')
    return deepTaints(value, 1);
  let taints = value.rest?.taints ?? null;
  for (const [key, slot] of value.props)
    if (slot.kind !== 'accessor' && SECRET_FIELD.test(key)) taints = joinTaints(taints, deepTaints(slot, 1));
  return taints;
}

/** Says of what goes out that it is a secret, where elsewhere it is used as one. */
export function markUses(I: Interpreter): void {
  if (I.usedAsKeys.size === 0) return;
  for (const seen of I.observations) {
    if (!/^(?:net\.out|net\.socket|dns\.query|mail\.out)$/.test(seen.sink)) continue;
    // A mail goes to whom it names, whoever sends it.
    const asker = seen.sink === 'mail.out' ? '' : seen.api;
    seen.taints = withUsed(I, seen.taints, asker);
    const first = seen.args[0];
    if (first !== undefined) first.taints = withUsed(I, first.taints, asker);
  }
}

function withUsed(I: Interpreter, taints: Taint[], asker: string): Taint[] {
  const secrets: Taint[] = [];
  const known = taints.map((taint) => {
    if (isPlain(taint) && usedElsewhere(I.usedAsKeys.get(placeOf(taint)), asker))
      secrets.push({ ...taint, source: 'param.secret' });
    // What stands in the address of a connection is of use to that connection alone.
    const isPart = taint.detail === IN_ADDRESS && I.usedAsKeys.has(`${taint.file}:${taint.line}`);
    return isPart ? { ...taint, detail: OF_CONNECTION } : taint;
  });
  return secrets.length === 0 ? known : [...known, ...secrets];
}

/** To the very client that was made with it, a key is no news: what that one asks for is asked where it signs in. */
function usedElsewhere(users: ReadonlySet<string> | undefined, asker: string): boolean {
  return users !== undefined && [...users].some((each) => !asker.startsWith(`${each}().`));
}

/** A parameter itself, not a field of it, nor what a hash or a cipher makes of it. */
function isPlain(taint: Taint): boolean {
  return isWhole(taint) && !taint.through.some((each) => each === 'hash' || each === 'cipher');
}

/** Where a parameter stands; on the one line of a minified file, many have the same letter. */
function placeOf({ detail, file, line, steps }: Taint): string {
  return `${file}:${line}:${steps[0]?.column ?? 0} ${detail}`;
}
