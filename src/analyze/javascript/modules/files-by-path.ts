import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, HOLE, knownText, Obj, type Value } from '../interpreter/value.js';
import type { Call } from '../outside/api-calls.js';
import { pathTarget } from '../outside/observe.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';

const FIELD = /^(?:path|file|filename|attachments?|files|source|localPath|document|media)$/;
const UPLOADS = /\.(?:attach|uploadFrom|fastPut|put|upload\w*|send\w*|putFile|addFile)$/;

/** Files of secrets that a client is given by their path: it reads them itself, and sends what is in them. */
export function filesNamed(I: Interpreter, call: Call): Taints {
  if (!UPLOADS.test(call.path)) return null;
  let taints: Taints = null;
  for (const each of call.args.slice(0, 4)) taints = joinTaints(taints, named(I, call, each, 4));
  return taints;
}

function named(I: Interpreter, call: Call, value: Value, depth: number): Taints {
  if (value.kind === 'prim' || value.kind === 'text') return secretAt(I, call, value);
  if (!(value instanceof Obj) || value instanceof Api || value.kind !== 'obj' || depth === 0) return null;
  let taints: Taints = null;
  for (const each of (value.elements ?? []).slice(0, 20)) taints = joinTaints(taints, named(I, call, each, depth - 1));
  for (const [key, slot] of value.bare ? [] : value.props)
    if (FIELD.test(key) && slot.kind !== 'accessor') taints = joinTaints(taints, named(I, call, slot, depth - 1));
  return taints;
}

function secretAt(I: Interpreter, call: Call, value: Value): Taints {
  const text = knownText(value);
  // A path from the root or from home, and nothing else.
  if (text === null || text.length > 300 || !/^(?:~|\/)[^\s]*$/.test(text)) return null;
  const shown = pathTarget(I, value);
  const found = shown === null ? null : matchSource(I.models.files, shown);
  if (found === null || !found.source.startsWith('secret.')) return null;
  return I.source(found.source, (shown as string).replaceAll(HOLE, '*'), call.node, call.frame.file);
}
