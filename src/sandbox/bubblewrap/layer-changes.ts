import {
  chmodSync,
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isProtected, type ProtectedPaths, statOf } from '../protected-paths.js';
import { type Layers, namesSeen, upperOf } from './layers.js';

/** What a script did in one granted folder, as its layer has it. All paths are relative to the folder. */
export interface LayerChanges {
  folder: string;
  upper: string;
  removed: string[];
  /** New names that must not come to be. */
  refused: string[];
}

/** How overlayfs says that a name below is gone. */
const isWhiteout = (stat: Stats) => stat.isCharacterDevice() && stat.rdev === 0;

/** Names of a folder of the layer, whose owner may have closed it. */
function namesOf(folder: string): string[] {
  chmodSync(folder, (lstatSync(folder).mode & 0o7777) | 0o700);
  return readdirSync(folder);
}

/** Reads from a layer what was removed and what must not be brought over; takes overlayfs' own marks out of it. */
export async function readChanges(
  layers: Layers,
  n: number,
  before: ProtectedPaths,
  owner: { uid: number; gid: number } | null,
): Promise<LayerChanges> {
  const folder = layers.folders[n]!;
  const upper = upperOf(layers, n);
  const changes: LayerChanges = { folder, upper, removed: [], refused: [] };
  const gone: string[] = [];
  const inBoth: string[] = [];
  const walk = (at: string, level: number) => {
    for (const name of namesOf(join(upper, at))) {
      const path = join(at, name);
      const stat = lstatSync(join(upper, path));
      if (isWhiteout(stat)) gone.push(path);
      else if (mustNotBe(path, level)) changes.refused.push(path);
      else if (stat.isDirectory()) {
        if (statOf(join(folder, path))?.isDirectory()) inBoth.push(path);
        walk(path, level + 1);
      }
    }
  };
  const mustNotBe = (path: string, level: number) => {
    const real = join(folder, path);
    if (before.absent.includes(real)) return true;
    return level <= before.depth && isProtected(real) && !before.existing.has(real);
  };
  walk('', 0);
  changes.removed.push(...gone);
  // A folder that was removed and made anew hides what is below it without a mark for each name.
  if (inBoth.length > 0) {
    const seen = new Set(await namesSeen(layers, n, inBoth, owner));
    for (const at of inBoth) {
      const below = readdirSync(join(folder, at)).map((name) => join(at, name));
      changes.removed.push(...below.filter((path) => !seen.has(path) && !gone.includes(path)));
    }
  }
  for (const path of gone) rmSync(join(upper, path), { force: true });
  return changes;
}

function give(path: string, { uid, gid }: Stats): void {
  if (process.getuid?.() === 0) lchownSync(path, uid, gid);
}

/** Puts a file in place at once; one that is new in the folder is moved, where both are on one file system. */
function placeFile(from: string, stat: Stats, to: string, isNew: boolean): void {
  if (isNew) {
    try {
      renameSync(from, to);
      return;
    } catch {
      // another file system
    }
  }
  const made = join(dirname(to), `.safe-install-${process.pid}`);
  // Copied and not moved: a file that was changed carries overlayfs' marks.
  copyFileSync(from, made);
  chmodSync(made, stat.mode & 0o777);
  utimesSync(made, stat.atime, stat.mtime);
  give(made, stat);
  renameSync(made, to);
}

/** Brings what a script did in its layer over to the granted folder, but for what must not come to be there. */
export function bringOver({ folder, upper, removed, refused }: LayerChanges): void {
  for (const path of removed) rmSync(join(folder, path), { recursive: true, force: true });
  const skipped = new Set(refused);
  const walk = (at: string) => {
    for (const name of namesOf(join(upper, at))) {
      const path = join(at, name);
      if (skipped.has(path)) continue;
      const [from, to] = [join(upper, path), join(folder, path)];
      const stat = lstatSync(from);
      const there = statOf(to);
      const kept = stat.isDirectory() ? there?.isDirectory() : stat.isFile() && there?.isFile();
      if (there !== undefined && !kept) rmSync(to, { recursive: true });
      if (stat.isDirectory()) {
        if (!kept) {
          mkdirSync(to, { mode: 0o700 });
          give(to, stat);
        }
        walk(path);
        if (!kept || (there!.mode & 0o777) !== (stat.mode & 0o777)) chmodSync(to, stat.mode & 0o777);
      } else if (stat.isSymbolicLink()) {
        symlinkSync(readlinkSync(from), to);
        give(to, stat);
      } else if (stat.isFile()) placeFile(from, stat, to, !kept);
    }
  };
  walk('');
}
