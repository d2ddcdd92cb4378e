import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, knownText, Obj, prim, tainted, type Value } from '../interpreter/value.js';
import { joinPaths } from '../modules/paths.js';
import type { Call, Model } from '../outside/api-calls.js';
import { pathTarget } from '../outside/observe.js';
import { joinTaints, type Taints, transformed } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';

const MOST = 40;

/** Secrets among what is packed: names of a list below the folder of `cwd`, or one path. */
function packedTaints(I: Interpreter, call: Call, paths: readonly Value[], folder: Value | undefined): Taints {
  const base = knownText(folder);
  let taints: Taints = null;
  for (const each of paths.slice(0, MOST)) {
    const name = knownText(each);
    if (name === null) continue;
    const shown = pathTarget(I, prim(base === null ? name : joinPaths([base, name])));
    const found = shown === null ? null : matchSource(I.models.files, shown);
    if (found !== null)
      taints = joinTaints(taints, I.source(found.source, shown as string, call.node, call.frame.file));
  }
  return transformed(taints, 'zlib', null);
}

/** `tar.create({ cwd }, names)`: a stream or file of what the names stand for. */
const createTar: Model = (I, call) => {
  const [options, names] = call.args;
  const list = names instanceof Obj && names.elements !== null ? names.elements : names === undefined ? [] : [names];
  const slot = options instanceof Obj ? options.own('cwd') : undefined;
  const folder = slot === undefined || slot.kind === 'accessor' ? undefined : slot;
  const packed = new Api('tar.create()');
  packed.taints = joinTaints(joinTaints(call.self.taints, folder?.taints ?? null), names?.taints ?? null);
  return tainted(packed, packedTaints(I, call, list, folder));
};

/** `archive.file(path)`, `zip.addLocalFile(path)`: the archive carries what was put in. */
const addPath: Model = (I, call) => {
  const [path] = call.args;
  if (path === undefined) return call.self;
  return tainted(call.self, joinTaints(path.taints, packedTaints(I, call, [path], undefined)));
};

/** Models of what packs files into archives. */
export const ARCHIVES: [string, Model][] = [
  ...['tar.create', 'tar.c', 'tar-fs.pack', 'tar.pack'].map((name): [string, Model] => [name, createTar]),
  ...['archiver()', 'adm-zip()', 'archiver.create()'].flatMap((receiver): [string, Model][] =>
    ['file', 'directory', 'glob', 'addLocalFile', 'addLocalFolder'].map((name) => [`${receiver}.${name}`, addPath]),
  ),
];
