import { posix } from 'node:path';
import { callFunction } from '../interpreter/calls.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import { fromPlain } from '../interpreter/json-value.js';
import {
  Api,
  alternatives,
  Bytes,
  constantText,
  HOLE,
  join,
  joinAll,
  knownText,
  Obj,
  prim,
  tainted,
  text,
  UNDEFINED,
  unknown,
  type Value,
} from '../interpreter/value.js';
import { argumentTaints } from '../interpreter/world.js';
import { isAbsolute, joinPaths, ownPath, relativePath, resolvePaths } from '../modules/paths.js';
import type { Call, Model } from '../outside/api-calls.js';
import { pathTarget } from '../outside/observe.js';
import { hostOf } from '../outside/sink-facts.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';
import { matchSource } from '../taint/taint-models.js';
import { outputOf } from './async.js';
import { cwd, ownFolder, readFolder } from './folders.js';
import { fork, outputTaints, runCommand } from './processes.js';
import { createRequire, requireModule, resolveModule } from './requiring.js';
import { CONTENT } from './streams.js';

function pathModel(run: (parts: string[], I: Interpreter) => string): Model {
  const one: Model = (I, call) => {
    const taints = argumentTaints(call.args);
    const parts = call.args.map((each) =>
      each.kind === 'prim' && each.value === undefined ? '' : (knownText(each) ?? HOLE),
    );
    // Of nothing but `undefined`, which nobody hands over, no path is made: least of all the folder of the package.
    if (parts.every((part, at) => part === HOLE || call.args[at] === UNDEFINED)) return unknown(taints);
    const whole = run(parts, I);
    const known = call.args.every((each) => each.kind === 'prim') && !whole.includes(HOLE);
    return known ? prim(whole, taints) : text(whole, taints);
  };
  // One of a few names makes one of a few paths.
  return (I, call) => {
    const at = call.args.findIndex((each) => each.kind === 'union' && each.alternatives.length <= MAX_PATHS);
    const several = call.args[at];
    if (several?.kind !== 'union') return one(I, call);
    return joinAll(
      several.alternatives.map(
        (each) =>
          one(I, { ...call, args: call.args.map((old, index) => (index === at ? each : old)) }) ?? unknown(each.taints),
      ),
    );
  };
}

const MAX_PATHS = 6;

/** What reading a path gives: own content, a secret, or some other file. */
function readTaints(I: Interpreter, call: Call, path: string | null, shown: string | null): Taints {
  if (shown === null) return I.source('file.other', '?', call.node, call.frame.file);
  const found = matchSource(I.models.files, shown);
  if (found !== null) return I.source(found.source, shown.replaceAll(HOLE, '*'), call.node, call.frame.file);
  const own = path === null ? null : ownPath(path, I.loader.root);
  // What would lie in a folder for dependencies below the package, and does not come with it, is another package's.
  if (own !== null && (!OF_DEPENDENCY.test(own) || I.loader.files.has(own) || I.written.has(`./${own}`)))
    return I.source('file.own', shown, call.node, call.frame.file);
  return I.source('file.other', shown.replaceAll(HOLE, '*'), call.node, call.frame.file);
}

const OF_DEPENDENCY = /(?:^|\/)node_modules\//;

function isOwnFile(I: Interpreter, value: Value): boolean {
  const own = ownPath((constantText(value) ?? HOLE).replace(/^file:\/\//, ''), I.loader.root);
  return own !== null && I.loader.files.has(own);
}

function contentOf(I: Interpreter, call: Call): Value {
  const target = call.args[0] ?? UNDEFINED;
  // One of a few files of its own: `mode === 'production' ? 'a.txt' : 'b.txt'`.
  if (target.kind === 'union' && target.alternatives.every((each) => isOwnFile(I, each)))
    return joinAll(target.alternatives.map((each) => contentOf(I, { ...call, args: [each, ...call.args.slice(1)] })));
  const path = knownText(target)?.replace(/^file:\/\//, '') ?? null;
  const shown = pathTarget(I, target);
  let taints = readTaints(I, call, path, shown);
  for (const each of alternatives(target)) {
    const written = I.written.get(pathTarget(I, each) ?? '');
    if (written !== undefined) return written;
  }
  const beside = shown === null ? null : writtenBeside(I, shown);
  if (beside !== null) taints = joinTaints(taints, deepTaints(beside));
  const few = fewOwnFiles(I, path);
  if (few.length > 0)
    return joinAll(
      few.map((file) => contentOf(I, { ...call, args: [prim(`${I.loader.root}/${file}`), ...call.args.slice(1)] })),
    );
  if (path === null) {
    // A name that was listed from a secret folder makes a secret file.
    const carried = (deepTaints(target) ?? []).filter((flow) => flow.source.startsWith('secret.'));
    if (carried.length > 0) taints = joinTaints(carried, taints);
    return unknown(taints);
  }
  const own = ownPath(isAbsolute(path) ? path : resolvePaths([path], cwd(I)), I.loader.root);
  const bytes = own === null ? undefined : I.loader.files.get(own);
  if (bytes === undefined) {
    const carried = (deepTaints(target) ?? []).filter((flow) => flow.source.startsWith('secret.'));
    return unknown(carried.length > 0 ? joinTaints(carried, taints) : taints);
  }
  const made = new Bytes(typeof bytes === 'string' ? Buffer.from(bytes) : Uint8Array.from(bytes), null, taints);
  if (bytes.length < 40 && VERSION.test(Buffer.from(made.bytes as Uint8Array).toString('utf8'))) made.taints = null;
  const encoding = encodingOf(call.args[1]);
  if (encoding === null) return made;
  return prim(Buffer.from(made.bytes as Uint8Array).toString(encoding), made.taints, false);
}

/** The number of a version holds nothing that could be run. */
const VERSION = /^\s*v?\d+(?:\.\d+){1,3}(?:-[\w.]+)?\s*$/;
const FEW = 4;

/** Files of the package that a path with one unknown part may mean, where they are few: `templates/${name}/layout.json`. */
function fewOwnFiles(I: Interpreter, path: string | null): string[] {
  const own = path?.startsWith(`${I.loader.root}/`) === true ? path.slice(I.loader.root.length + 1) : null;
  if (own === null || own.startsWith(HOLE) || own.split(HOLE).length !== 2) return [];
  const [head = '', tail = ''] = own.split(HOLE);
  const found = [...I.loader.files.keys()].filter(
    (file) => file.startsWith(head) && file.endsWith(tail) && file.length > head.length + tail.length,
  );
  return found.length > FEW ? [] : found;
}

/** What was written into the folder of a file whose name is not known: it may be this one. */
function writtenBeside(I: Interpreter, shown: string): Value | null {
  const folder = posix.dirname(shown);
  if (!posix.basename(shown).includes(HOLE) || folder === '.' || folder === HOLE) return null;
  const found = [...I.written].filter(([path]) => posix.dirname(path) === folder).slice(0, 8);
  return found.length === 0 ? null : joinAll(found.map(([, value]) => value));
}

function encodingOf(value: Value | undefined): BufferEncoding | null {
  const name =
    value instanceof Obj && value.kind === 'obj'
      ? constantText(value.props.get('encoding') as Value | undefined)
      : constantText(value);
  if (name === null) return null;
  return Buffer.isEncoding(name) ? name : null;
}

/** Where the path is one of a few, what is read may be any of the secrets among them. */
function withOtherSecrets(I: Interpreter, call: Call, content: Value): Value {
  const [first, ...rest] = call.args;
  if (first?.kind !== 'union' || first.alternatives.length > MAX_PATHS) return content;
  let taints: Taints = null;
  for (const each of first.alternatives) {
    const other = knownText(each) === null ? null : deepTaints(contentOf(I, { ...call, args: [each, ...rest] }), 1);
    const secrets = other?.filter(({ source }) => source.startsWith('secret.')) ?? [];
    if (secrets.length > 0) taints = joinTaints(taints, secrets);
  }
  return tainted(content, taints);
}

const readFile: Model = (I, call) => {
  const content = withOtherSecrets(I, call, contentOf(I, call));
  const done = call.args.find((each) => each.kind === 'func');
  if (done !== undefined) {
    I.later(() => void callFunction(I, done, UNDEFINED, [unknown(null), content], call.node, call.frame));
    return UNDEFINED;
  }
  return call.path.includes('promises') ? I.settled(content) : content;
};

/** Files that a pattern names: each way of its braces, unknown where it has wildcards. */
const globbed: Model = (I, call) => {
  const first = call.args[0];
  const patterns =
    first instanceof Obj && first.elements !== null ? first.elements : first === undefined ? [] : [first];
  const taints = argumentTaints(call.args);
  const names = patterns
    .map((each) => knownText(each))
    .filter((each): each is string => each !== null && !each.startsWith('!'))
    .flatMap((each) => braces(each))
    .map((each) => each.replace(/[*?]+(?:\/[*?]+)*|\[[^\]]*\]/g, HOLE));
  const list = I.array(
    names.slice(0, 100).map((name) => (name.includes(HOLE) ? text(name, taints) : prim(name, taints))),
  );
  list.rest = unknown(taints);
  finishWith(I, call, list);
  return call.path.includes('ync') ? list : I.settled(list);
};

function braces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (found === null) return [pattern];
  return (found[2] ?? '')
    .split(',')
    .slice(0, 40)
    .flatMap((part) => braces(`${found[1]}${part}${found[3]}`));
}

/** Remembers what was written where, so that running it later is seen as a flow. */
const writeFile: Model = (I, call) => {
  const shown = pathTarget(I, call.args[0] ?? UNDEFINED);
  const content = call.args[1] ?? UNDEFINED;
  if (shown !== null) I.written.set(shown, join(I.written.get(shown) ?? content, content));
  return finishWith(I, call, UNDEFINED);
};

function finishWith(I: Interpreter, call: Call, value: Value): Value {
  const done = call.args.find((each) => each.kind === 'func');
  if (done !== undefined)
    I.later(() => void callFunction(I, done, UNDEFINED, [unknown(null), value], call.node, call.frame));
  return call.path.includes('promises') ? I.settled(value) : value;
}

const writeStream: Model = (I, call) => {
  const shown = pathTarget(I, call.args[0] ?? UNDEFINED);
  const stream = new Api('fs.createWriteStream()');
  stream.target = shown;
  stream.props.set('path', call.args[0] ?? UNDEFINED);
  void I;
  return stream;
};

const streamWrite: Model = (I, call) => {
  const target = call.self instanceof Api ? call.self.target : null;
  const content = call.args[0];
  if (target !== null && content !== undefined && content.kind !== 'func')
    I.written.set(target, join(I.written.get(target) ?? content, content));
  return undefined;
};

const MOST_COPIED = 40;
const LONGEST_COPIED = 20_000;

/** Files of the package that are copied with their folder: a template. */
function ownFilesIn(I: Interpreter, from: Value): [string, Value][] {
  const folder = ownFolder(I, from);
  if (folder === null || folder === '') return [];
  return [...I.loader.files.keys()]
    .filter((path) => path.startsWith(`${folder}/`))
    .slice(0, MOST_COPIED)
    .flatMap((path): [string, Value][] => {
      const content = I.loader.text(path);
      return content === null || content.length > LONGEST_COPIED
        ? []
        : [[path.slice(folder.length + 1), prim(content)]];
    });
}

const copyFile: Model = (I, call) => {
  const [from, to] = [call.args[0] ?? UNDEFINED, pathTarget(I, call.args[1] ?? UNDEFINED)];
  const known = I.written.get(pathTarget(I, from) ?? '');
  if (to !== null) {
    I.written.set(to, known ?? contentOf(I, { ...call, args: [from] }));
    for (const [path, content] of ownFilesIn(I, from)) I.written.set(`${to.replace(/\/$/, '')}/${path}`, content);
  }
  return finishWith(I, call, UNDEFINED);
};

const readStream: Model = (I, call) => {
  const stream = new Api('fs.createReadStream()');
  const content = contentOf(I, call);
  stream.taints = content.taints;
  stream.props.set(CONTENT, content);
  stream.target = pathTarget(I, call.args[0] ?? UNDEFINED);
  return stream;
};

const processModel: [string, Model][] = [
  ['process.cwd', (I, call) => text(cwd(I), I.source('identity.host', 'cwd', call.node, call.frame.file))],
  ['process.getBuiltinModule', requireModule],
  ['process.exit', () => unknown(null)],
];

const FS_ROOTS = ['fs', 'fs.promises'];

const both = (names: readonly string[], model: Model): [string, Model][] =>
  FS_ROOTS.flatMap((root) => names.map((name): [string, Model] => [`${root}.${name}`, model]));

/** Models of modules, files, paths and processes. */
export const SYSTEM: [string, Model][] = [
  ['require', requireModule],
  ['import()', requireModule],
  ['module._load', requireModule],
  ['module.require', requireModule],
  ['module.createRequire', createRequire],
  ['module.createRequireFromPath', createRequire],
  ['require.resolve', resolveModule],
  ...processModel,
  ...both(['readFile', 'readFileSync'], readFile),
  ...[
    ...['glob', 'glob.glob', 'glob.sync', 'glob.globSync', 'fs.globSync', 'fs.promises.glob', 'fs.glob'],
    ...['fast-glob', 'fast-glob.sync', 'fast-glob.globSync', 'fast-glob.glob', 'globby', 'globby.globby'],
    ...['globby.sync', 'globby.globbySync', 'tinyglobby.glob', 'tinyglobby.globSync'],
  ].map((name): [string, Model] => [name, globbed]),
  ['Bun.file', readFile],
  ['Deno.readTextFile', readFile],
  ['Deno.readTextFileSync', readFile],
  ...both(['readJson', 'readJsonSync', 'readJSON', 'readJSONSync'], (I, call) => {
    const value = readFile(I, call);
    return value === undefined ? undefined : unknown(value.taints);
  }),
  ...both(['readdir', 'readdirSync', 'opendir', 'opendirSync'], readFolder),
  ...both(['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'outputFile', 'outputFileSync'], writeFile),
  ...both(
    ['copyFile', 'copyFileSync', 'cp', 'cpSync', 'rename', 'renameSync', 'copy', 'copySync', 'move', 'moveSync'],
    copyFile,
  ),
  ['fs.createWriteStream', writeStream],
  ['fs.createWriteStream().write', streamWrite],
  ['fs.createWriteStream().end', streamWrite],
  ['fs.createReadStream', readStream],
  ...both(['existsSync', 'exists'], (I, call) => {
    const target = call.args[0] ?? UNDEFINED;
    const own = ownPath(knownText(target) ?? HOLE, I.loader.root);
    if (target.kind === 'prim' && own !== null && !I.written.has(`./${own}`) && I.loader.files.has(own))
      return prim(true);
    return undefined;
  }),
  ['path.join', pathModel((parts) => joinPaths(parts))],
  ['path.resolve', pathModel((parts, I) => resolvePaths(parts, cwd(I)))],
  [
    'path.relative',
    pathModel(([from = '', to = ''], I) => relativePath(resolvePaths([from], cwd(I)), resolvePaths([to], cwd(I)))),
  ],
  ['path.normalize', pathModel((parts) => joinPaths(parts.slice(0, 1)))],
  ['path.dirname', pathModel((parts) => posix.dirname(parts[0] ?? ''))],
  ['path.basename', pathModel((parts) => posix.basename(parts[0] ?? '', parts[1]))],
  ['path.extname', pathModel((parts) => posix.extname(parts[0] ?? ''))],
  ['path.posix.join', pathModel((parts) => joinPaths(parts))],
  ['path.win32.join', pathModel((parts) => joinPaths(parts))],
  [
    'path.isAbsolute',
    (_I, call) => {
      const shown = constantText(call.args[0]);
      return shown === null ? unknown(null) : prim(isAbsolute(shown));
    },
  ],
  [
    'path.parse',
    (I, call) => {
      const shown = constantText(call.args[0]);
      if (shown !== null) return fromPlain(I, posix.parse(shown), argumentTaints(call.args), 0);
      const parts = I.object();
      parts.props.set('root', prim('/'));
      parts.rest = unknown(argumentTaints(call.args));
      return parts;
    },
  ],
  ...['exec', 'execSync', 'execFile', 'execFileSync', 'spawn', 'spawnSync'].map((name): [string, Model] => [
    `child_process.${name}`,
    runCommand,
  ]),
  ['child_process.fork', fork],
  ...[
    'execa',
    'execa.execa',
    'execa.command',
    'execa.execaCommand',
    'cross-spawn',
    'cross-spawn.spawn',
    'zx.$',
    'execa.$',
    'Bun.$',
    'tinyexec.x',
  ].map((name): [string, Model] => [name, (I, call) => I.settled(outputOf(I, unknown(outputTaints(I, call))))]),
  [
    'os.userInfo',
    (I, call) => {
      const user = I.object();
      user.taints = I.source('identity.host', 'os.userInfo', call.node, call.frame.file);
      user.props.set('homedir', text('~', user.taints));
      user.props.set('username', unknown(user.taints));
      return user;
    },
  ],
  [
    'net.Socket().connect',
    (_I, call) => {
      if (call.self instanceof Api) call.self.target = hostOf(call.args)?.text ?? null;
      return undefined;
    },
  ],
  ...['XMLHttpRequest', 'ActiveXObject'].map((name): [string, Model] => [
    `${name}().open`,
    (_I, call) => {
      if (call.self instanceof Api) call.self.target = knownText(call.args[1]);
      return UNDEFINED;
    },
  ]),
  ['URL.createObjectURL', (_I, call) => call.args[0]],
  [
    'Blob',
    (I, call) => {
      const parts = call.args[0];
      const blob = new Bytes(null, null, argumentTaints(call.args));
      if (parts instanceof Obj && parts.elements !== null)
        blob.text = parts.elements.map((each) => knownText(each) ?? HOLE).join('');
      void I;
      return blob;
    },
  ],
];
