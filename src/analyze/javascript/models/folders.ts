import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { HOLE, knownText, Native, Obj, prim, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import { ownPath, PROJECT, resolvePaths } from '../modules/paths.js';
import type { Call, Model } from '../outside/api-calls.js';
import { pathTarget } from '../outside/observe.js';
import { DIRENT } from '../taint/asked-names.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';

/** The folder in which code of an entry runs; what an install script planted runs later, in the project. */
export function cwd(I: Interpreter): string {
  return runsInPackage(I) ? I.loader.root : PROJECT;
}

export function runsInPackage({ entry }: Interpreter): boolean {
  return entry.phase === 'install' && entry.planted !== true;
}

/** The folder of the package that a path means: the project's where the code of a library or a command says `.`. */
export function ownFolder(I: Interpreter, value: Value | undefined): string | null {
  const path = knownText(value)?.replace(/^file:\/\//, '');
  if (path === undefined || path.includes(HOLE)) return null;
  const whole = resolvePaths([path], cwd(I));
  return whole === I.loader.root ? '' : ownPath(whole, I.loader.root);
}

/** Whether a path means the folder in which a process runs. */
export function isWorkingFolder(path: string | null): boolean {
  return path === '.' || path === './';
}

const LISTED = 'mark.listed';

/** Whether nothing is known of a name but that a listing of the working folder gave it. */
export function isListed({ kind, taints }: Value): boolean {
  return kind === 'unknown' && taints?.some(({ source }) => source === LISTED) === true;
}

function isTyped({ path, args }: Call): boolean {
  const [, options] = args;
  return path.includes('opendir') || (options instanceof Obj && options.own('withFileTypes') !== undefined);
}

/** An entry of one of the package's own folders. */
function ownEntry(I: Interpreter, call: Call, folder: string, name: string): Value {
  const entry = I.object();
  const isFile = I.loader.files.has(`${folder}${name}`);
  entry.props.set('name', prim(name));
  for (const key of ['path', 'parentPath']) entry.props.set(key, call.args[0] ?? UNDEFINED);
  entry.props.set('isDirectory', new Native(() => prim(!isFile)));
  entry.props.set('isFile', new Native(() => prim(isFile)));
  entry.props.set('isSymbolicLink', new Native(() => prim(false)));
  return entry;
}

/** What a folder lists that is not known: names, or entries that say in which folder they are. */
function entriesOf(I: Interpreter, call: Call, taints: Taints): Value {
  const [folder] = call.args;
  if (!isTyped(call) || folder === undefined) return unknown(taints);
  const entry = I.object(DIRENT);
  for (const name of ['path', 'parentPath']) entry.props.set(name, folder);
  entry.rest = unknown(taints);
  entry.taints = taints;
  return entry;
}

/** Listing a folder of secrets gives names that lead to secrets. */
export const readFolder: Model = (I, call) => {
  const shown = pathTarget(I, call.args[0] ?? UNDEFINED);
  const found = shown === null ? null : matchSource(I.models.files, shown.endsWith('/') ? shown : `${shown}/`);
  const inside = ownFolder(I, call.args[0]);
  const own = inside !== null;
  const taints =
    found === null
      ? own
        ? null
        : (call.args[0]?.taints?.filter((flow) => flow.source.startsWith('secret.')) ?? null)
      : I.source(found.source, shown as string, call.node, call.frame.file);
  const list = I.array([]);
  if (own) {
    const folder = inside === '' ? '' : `${inside.replace(/\/$/, '')}/`;
    const names = new Set(
      [...I.loader.files.keys()]
        .filter((each) => each.startsWith(folder))
        .map((each) => each.slice(folder.length).split('/')[0] as string),
    );
    const typed = isTyped(call);
    list.elements = [...names].slice(0, 500).map((name) => (typed ? ownEntry(I, call, folder, name) : prim(name)));
    if (call.args[0]?.kind === 'union') list.rest = unknown(taints);
  } else {
    const isHere = isWorkingFolder(knownText(call.args[0])) || knownText(call.args[0]) === PROJECT;
    const names = isHere ? joinTaints(taints, I.source(LISTED, '.', call.node, call.frame.file)) : taints;
    list.rest = entriesOf(I, call, names);
    list.taints = taints;
  }
  if (call.path.includes('opendir') && call.args[0] !== undefined) list.props.set('path', call.args[0]);
  const done = call.args.find((each) => each.kind === 'func');
  if (done !== undefined) {
    I.later(() => void callFunction(I, done, UNDEFINED, [unknown(null), list], call.node, call.frame));
    return UNDEFINED;
  }
  return call.path.includes('promises') ? I.settled(list) : list;
};
