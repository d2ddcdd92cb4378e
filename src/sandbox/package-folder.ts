import {
  chmodSync,
  copyFileSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isWithin } from './toolchain.js';

/** One thing a script left behind that was taken back. */
export interface Undone {
  class: 'file' | 'bin-shadow';
  /** Absolute path. */
  path: string;
  evidence: string;
}

/** What a folder was before the script: what the later look needs to know. */
export interface FolderBefore {
  folder: string;
  /** Its package.json, byte for byte; null where there is none. */
  manifest: Buffer | null;
  /** Names in every `.bin` folder below it. */
  bins: Set<string>;
  /** Links that were there already, with their targets. */
  links: Map<string, string>;
}

/** Programs that scripts and tools start by bare name: a shim of that name in `.bin` would run in their place. */
const SHADOWED = new Set([
  'node',
  'npm',
  'npx',
  'pnpm',
  'yarn',
  'corepack',
  'sh',
  'bash',
  'dash',
  'zsh',
  'env',
  'git',
  'python',
  'python3',
  'make',
  'gcc',
  'g++',
  'cc',
  'c++',
  'node-gyp',
  'curl',
  'wget',
  'ssh',
  'sudo',
  'ls',
  'cat',
  'cp',
  'mv',
  'rm',
  'safe-install',
]);

/** The names in a folder, also where a script took away the right to look into it; it gets that right back. */
function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder);
    if (names.length > 0) lstatSync(join(folder, names[0]!), { throwIfNoEntry: false });
    return names;
  } catch {
    try {
      chmodSync(folder, (lstatSync(folder).mode & 0o777) | 0o700);
      return readdirSync(folder);
    } catch {
      return [];
    }
  }
}

function walk(folder: string, visit: (path: string, stat: Stats) => void): void {
  const names = namesIn(folder);
  for (const name of names) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    visit(path, stat);
    if (stat.isDirectory()) walk(path, visit);
  }
}

/** Gives a file that has other names elsewhere (a pnpm-style store) a copy of its own, so that writing stays here. */
function breakHardLink(path: string, stat: Stats): void {
  const copy = `${path}.own-${process.pid}`;
  copyFileSync(path, copy);
  chmodSync(copy, stat.mode & 0o777);
  utimesSync(copy, stat.atime, stat.mtime);
  renameSync(copy, path);
}

function manifestOf(folder: string): Buffer | null {
  try {
    return readFileSync(join(folder, 'package.json'));
  } catch {
    return null;
  }
}

/** Makes a folder ready to be written by a script: hard links broken, what is there noted. */
export function prepareFolder(folder: string): FolderBefore {
  return noteFolder(folder, breakHardLink);
}

/**
 * Notes what is in a folder over which a script gets a layer: nothing in it can be written through.
 *
 * @param layer folder with what the script writes, which is looked through in its place.
 */
export function prepareLayer(folder: string, layer: string): FolderBefore {
  const { manifest, bins, links } = noteFolder(folder, () => {});
  const at = (path: string) => layer + path.slice(folder.length);
  const targets = [...links].map(([path, target]): [string, string] => [at(path), target]);
  return { folder: layer, manifest, bins: new Set([...bins].map(at)), links: new Map(targets) };
}

function noteFolder(folder: string, hardLink: (path: string, stat: Stats) => void): FolderBefore {
  const before: FolderBefore = { folder, manifest: manifestOf(folder), bins: new Set(), links: new Map() };
  walk(folder, (path, stat) => {
    if (stat.isFile() && stat.nlink > 1) hardLink(path, stat);
    if (stat.isSymbolicLink()) before.links.set(path, readlinkSync(path));
    if (dirname(path).endsWith('/.bin')) before.bins.add(path);
  });
  return before;
}

/** Where a link leads, as far as it exists; the text of its target where it leads nowhere. */
function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(dirname(path), readlinkSync(path));
  }
}

function commandsOf(manifest: Buffer | null): string {
  try {
    const { bin, scripts } = JSON.parse(manifest?.toString('utf8') ?? '{}') as Record<string, unknown>;
    return JSON.stringify([bin ?? null, scripts ?? null]);
  } catch {
    return 'unreadable';
  }
}

/**
 * Looks through a folder after a script and takes back what would reach beyond it: links out of it, set-id bits, devices,
 * sockets and pipes, new commands that shadow the system's, other commands in its own package.json.
 *
 * @param allowed folders that links may lead to (the tree the script could read anyway).
 * @param isLayer true where only what was written is in the folder: what is not there is as it was.
 */
export function cleanFolder(
  before: FolderBefore,
  allowed: readonly string[],
  isLayer = false,
): { undone: Undone[]; largestFile: number } {
  const { folder } = before;
  const undone: Undone[] = [];
  let largestFile = 0;
  const inside = [folder, ...allowed];
  walk(folder, (path, stat) => {
    if (stat.isFile()) largestFile = Math.max(largestFile, stat.size);
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(path);
      if (before.links.get(path) !== target && !inside.some((place) => isWithin(leadsTo(path), place))) {
        rmSync(path);
        undone.push({ class: 'file', path, evidence: `link that leads out of the package, to ${target}` });
        return;
      }
    } else if (!stat.isFile() && !stat.isDirectory()) {
      const kind = stat.isSocket() ? 'socket' : stat.isFIFO() ? 'named pipe' : 'device node';
      rmSync(path);
      undone.push({ class: 'file', path, evidence: kind });
      return;
    } else if ((stat.mode & (stat.isDirectory() ? 0o4000 : 0o6000)) !== 0) {
      chmodSync(path, stat.mode & 0o777);
      undone.push({ class: 'file', path, evidence: `set-id bit (mode ${(stat.mode & 0o7777).toString(8)})` });
    } else if (stat.isFile() && stat.nlink > 1) {
      breakHardLink(path, stat);
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (dirname(path).endsWith('/.bin') && SHADOWED.has(name) && !before.bins.has(path)) {
      rmSync(path, { recursive: true });
      undone.push({ class: 'bin-shadow', path, evidence: `new command that would run in place of ${name}` });
    }
  });
  const manifest = manifestOf(folder);
  const unchanged = before.manifest === null || (isLayer && manifest === null);
  if (!unchanged && commandsOf(manifest) !== commandsOf(before.manifest)) {
    const path = join(folder, 'package.json');
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, before.manifest!);
    undone.push({ class: 'bin-shadow', path, evidence: 'the script changed bin or scripts of its own manifest' });
  }
  return { undone, largestFile };
}
