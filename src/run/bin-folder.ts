import { lstat, mkdir, readdir, readFile, readlink, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Names that a script, or npm itself, starts without meaning a dependency. `node_modules/.bin` stands first in a script's
 * PATH, so a dependency with a bin of such a name would be run in their place.
 */
const INTERPRETERS: ReadonlySet<string> = new Set(
  (
    'node nodejs npm npx npm-cli corepack pnpm yarn sh bash dash ash zsh ksh env sudo su git ssh curl wget tar gzip unzip ' +
    'python python2 python3 perl ruby make gmake cmake gcc g++ cc c++ clang clang++ ld ar as node-gyp cat cp mv rm ln ls ' +
    'mkdir chmod chown cut echo expr find grep head id install kill mktemp printf ps pwd rmdir sed sleep sort tail tee test ' +
    'timeout touch tr true false uname uniq wc which xargs awk base64 basename cmp date dirname nice nohup readlink realpath'
  ).split(' '),
);

type Entry =
  | { kind: 'link'; target: string }
  | { kind: 'file'; content: Buffer; mode: number }
  /** Something larger than any shim, as in a global prefix; left alone. */
  | { kind: 'other' };

const LARGEST_SHIM = 64 * 1024;

/** The links (and, on Windows, shims) of a `.bin` folder, as they were at one moment. */
export interface BinSnapshot {
  folder: string;
  /** Null where the folder did not exist. */
  entries: Map<string, Entry> | null;
}

/** Remembers a `.bin` folder: arborist's roll-back brings packages back but leaves new links of theirs. */
export async function snapshotBins(folder: string): Promise<BinSnapshot> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) {
    return { folder, entries: null };
  }
  const entries = new Map<string, Entry>();
  for (const name of names) {
    const path = join(folder, name);
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) {
      entries.set(name, { kind: 'link', target: await readlink(path) });
    } else if (!stats.isFile() || stats.size > LARGEST_SHIM) {
      entries.set(name, { kind: 'other' });
    } else {
      entries.set(name, { kind: 'file', content: await readFile(path), mode: stats.mode & 0o7777 });
    }
  }
  return { folder, entries };
}

/** Puts a `.bin` folder back to what it was. */
export async function restoreBins({ folder, entries }: BinSnapshot): Promise<void> {
  const now = await snapshotBins(folder);
  for (const name of now.entries?.keys() ?? []) {
    if (entries?.has(name) !== true) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  if (entries === null) {
    await rmdir(folder).catch(() => undefined);
    return;
  }
  for (const [name, entry] of entries) {
    const current = now.entries?.get(name);
    if (entry.kind === 'other' || (current !== undefined && sameEntry(current, entry))) {
      continue;
    }
    const path = join(folder, name);
    await mkdir(folder, { recursive: true });
    await rm(path, { recursive: true, force: true });
    await (entry.kind === 'link' ? symlink(entry.target, path) : writeFile(path, entry.content, { mode: entry.mode }));
  }
}

/** A bin that was put aside while scripts run. */
export interface HiddenBin {
  name: string;
  /** Folder name of the package that it belongs to, as far as its link tells. */
  package: string;
  from: string;
  to: string;
}

/** Puts the bins of a `.bin` folder aside that are called like an interpreter or a common tool. */
export async function hideShadowingBins(folder: string): Promise<HiddenBin[]> {
  // A global prefix's bin folder holds the real node and npm.
  const names = folder.endsWith(join('node_modules', '.bin')) ? await readdir(folder).catch(() => []) : [];
  const hidden: HiddenBin[] = [];
  for (const name of names) {
    if (!INTERPRETERS.has(name.toLowerCase().replace(/\.(cmd|ps1)$/, ''))) {
      continue;
    }
    const from = join(folder, name);
    const to = join(folder, `.shadowing-${name}`);
    const target = await readlink(from).catch(() => '');
    await rename(from, to);
    hidden.push({ name, package: packageOf(target), from, to });
  }
  return hidden;
}

/** Brings hidden bins back to where npm has them, unless another has taken the place. */
export async function revealBins(hidden: readonly HiddenBin[]): Promise<void> {
  for (const { from, to } of hidden) {
    const taken = await lstat(from).catch(() => null);
    await (taken === null ? rename(to, from).catch(() => undefined) : rm(to, { force: true }));
  }
}

function packageOf(target: string): string {
  return /^(?:\.\.[\\/])+((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(target)?.[1] ?? '';
}

function sameEntry(a: Entry, b: Entry): boolean {
  if (a.kind === 'link' && b.kind === 'link') {
    return a.target === b.target;
  }
  return a.kind === 'file' && b.kind === 'file' && a.mode === b.mode && a.content.equals(b.content);
}
