import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, Bytes, HOLE, UNDEFINED, unknown } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { pathTarget } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';

/** What is in a file of secrets of whose computer it is, by its path; null for every other file, and for those of the project. */
function secretOf(I: Interpreter, call: Call): Taints {
  const shown = call.args[0] === undefined ? null : pathTarget(I, call.args[0]);
  const found = shown === null || /^\$PROJECT/.test(shown) ? null : matchSource(I.models.files, shown);
  if (found === null || !found.source.startsWith('secret.')) return null;
  return I.source(found.source, (shown as string).replaceAll(HOLE, '*'), call.node, call.frame.file);
}

function done(I: Interpreter, call: Call, ...values: Parameters<typeof callFunction>[3]): void {
  const last = call.args.at(-1);
  if (last?.kind === 'func')
    I.later(() => void callFunction(I, last, UNDEFINED, [unknown(null), ...values], call.node, call.frame));
}

/** The descriptor of a file of secrets stands for what is in it; a callback gets that of any file. */
const open: Model = (I, call) => {
  const taints = secretOf(I, call);
  const isSync = call.path.endsWith('Sync');
  if (taints === null && isSync) return undefined;
  const [path] = call.args;
  const file = new Api(`${call.path.replace('openSync', 'open')}()`);
  file.target = path === undefined ? null : pathTarget(I, path);
  file.targetTaints = path === undefined ? null : deepTaints(path, 1);
  file.taints = taints;
  done(I, call, file);
  return isSync ? file : UNDEFINED;
};

/** What is read of a descriptor fills the bytes that it is read into. */
const readInto: Model = (I, call) => {
  const [file, bytes] = call.args;
  const taints = file === undefined ? null : deepTaints(file, 1);
  if (!(bytes instanceof Bytes) || taints === null) return undefined;
  bytes.taints = joinTaints(bytes.taints, taints);
  bytes.bytes = null;
  done(I, call, unknown(null), bytes);
  return unknown(null);
};

/** `fs.openAsBlob(path)` */
const openAsBlob: Model = (I, call) => {
  const taints = secretOf(I, call);
  return taints === null ? undefined : I.settled(new Bytes(null, null, taints));
};

/** Another name for a file of secrets. */
const link: Model = (I, call) => {
  const taints = secretOf(I, call);
  const to = call.args[1] === undefined ? null : pathTarget(I, call.args[1]);
  if (taints !== null && to !== null) I.written.set(to, unknown(taints));
  return undefined;
};

/** Models of files that are read otherwise than by their path. */
export const DESCRIPTORS: [string, Model][] = [
  ...['fs.open', 'fs.openSync'].map((path): [string, Model] => [path, open]),
  ...['fs.read', 'fs.readSync'].map((path): [string, Model] => [path, readInto]),
  ['fs.openAsBlob', openAsBlob],
  ...['link', 'linkSync', 'symlink', 'symlinkSync', 'promises.link', 'promises.symlink'].map(
    (name): [string, Model] => [`fs.${name}`, link],
  ),
];
