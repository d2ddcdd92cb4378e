import { accessSync, closeSync, constants, existsSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Where the programs live that scripts may start: folders or files, each bound read-only at its own path. */
export interface Toolchain {
  /** Absolute folders or single files outside /usr, parents first. */
  readable: string[];
  /** Prefix of the running Node (`<prefix>/bin/node`). */
  nodePrefix: string;
  /** Folder with `include/node/node.h`, for `npm_config_nodedir`; null where the headers are not installed. */
  nodeHeaders: string | null;
}

/** Programs that install scripts of real packages start. */
const PROGRAMS = [
  'node',
  'npm',
  'python3',
  'python',
  'make',
  'gcc',
  'g++',
  'cc',
  'c++',
  'clang',
  'cmake',
  'ninja',
  'git',
  'perl',
  'pkg-config',
  'curl',
  'wget',
  'tar',
  'unzip',
];

/** Stores whose programs refer to one another by absolute path: they are bound whole. */
const STORES = ['/nix/store', '/gnu/store', '/home/linuxbrew/.linuxbrew', '/opt/homebrew'];

/** Folders that are part of every sandbox's tree anyway. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64'];

/** True where `path` is `folder` or below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** True for a program of this kind of system (ELF), false for a script. */
export function isNative(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(4);
    readSync(fd, head, 0, 4, 0);
    return head.equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
  } finally {
    closeSync(fd);
  }
}

/** First program of that name on a PATH that is no version manager's shim script; its real path. */
function findProgram(name: string, path: readonly string[], shimsOf: string): string | null {
  for (const folder of path) {
    const file = join(folder, name);
    try {
      if (!lstatSync(file, { throwIfNoEntry: false })) continue;
      accessSync(file, constants.X_OK);
      const real = realpathSync(file);
      if (!isWithin(real, shimsOf) || isNative(real) || real.endsWith('.js')) return real;
    } catch {
      // not readable by this user: the script could not start it either
    }
  }
  return null;
}

/** The folder to bind for one program: its store, its prefix, or only itself where the prefix would show too much. */
function homeOfProgram(real: string, forbidden: readonly string[]): string {
  const store = STORES.find((folder) => isWithin(real, folder));
  if (store !== undefined) return store;
  const npm = real.lastIndexOf(`${sep}lib${sep}node_modules${sep}`);
  const prefix = npm > 0 ? real.slice(0, npm) : dirname(dirname(real));
  const bin = npm > 0 || ['bin', 'sbin'].includes(dirname(real).split(sep).at(-1) ?? '');
  const tooMuch = prefix === '/' || prefix.split(sep).length < 3 || forbidden.some((path) => isWithin(path, prefix));
  return bin && !tooMuch ? prefix : real;
}

/**
 * Finds the programs that scripts need and the folders to show for them.
 *
 * @param path PATH of the installer; folders named `.bin` in it are package code and ignored.
 * @param home the user's home: never bound whole, nor any folder that holds it.
 */
export function discoverToolchain(path: string, home: string, forbidden: readonly string[] = []): Toolchain {
  const folders = path.split(':').filter((folder) => folder.startsWith('/') && !folder.endsWith('/.bin'));
  const node = realpathSync(process.execPath);
  const found = [node];
  for (const name of PROGRAMS) {
    const real = findProgram(name, folders, home);
    if (real !== null) found.push(real);
  }
  const keepOut = [home, ...forbidden];
  const homes = found
    .map((real) => homeOfProgram(real, keepOut))
    .filter((path) => !SYSTEM.some((s) => isWithin(path, s)));
  const readable = [...new Set(homes)]
    .sort()
    .filter((path, _, all) => !all.some((other) => other !== path && isWithin(path, other)));
  const nodePrefix = dirname(dirname(node));
  return {
    readable,
    nodePrefix,
    nodeHeaders: existsSync(join(nodePrefix, 'include/node/node.h')) ? nodePrefix : null,
  };
}
