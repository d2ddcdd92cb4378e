import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeTree } from './bubblewrap/helper/remove-tree.js';
import { PROTECTED_NAMES } from './protected-names.js';
import type { Place } from './sandbox.js';

/** Protected names as they stand in one granted folder. */
export interface ProtectedPaths {
  folder: string;
  depth: number;
  /** Path → what it was; the folder's own existing protected files and folders. */
  existing: Map<string, string>;
  /** Folders between the granted one and the protected ones: they must not be moved away. */
  ancestors: string[];
  /** Paths that the grant closes and that were not there. */
  absent: string[];
}

/** What stands at a path that a script may be changing; nothing too where something above it is no folder, or closed. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const exists = (path: string) => statOf(path) !== undefined;

const byLast = new Map<string, string[]>();
for (const [name] of PROTECTED_NAMES) {
  const last = name.slice(name.lastIndexOf('/') + 1);
  byLast.set(last, [...(byLast.get(last) ?? []), name]);
}

/** Entries that one search looks at; a larger tree is protected as far as it was seen. */
const MAX_ENTRIES = 100_000;

/** True for a path that ends in one of the protected names. */
export function isProtected(path: string): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return (byLast.get(last) ?? []).some((name) => path.endsWith(`/${name}`));
}

function identity(stat: Stats): string {
  return stat.isDirectory() ? `folder ${stat.ino}` : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.mode}`;
}

/** Finds protected names below a folder, as many levels deep; does not look into what is protected already. */
function find(folder: string, depth: number): Map<string, string> {
  const found = new Map<string, string>();
  let seen = 0;
  const walk = (at: string, left: number) => {
    let names: string[];
    try {
      names = readdirSync(at);
    } catch {
      return;
    }
    for (const name of names) {
      seen += 1;
      if (seen > MAX_ENTRIES) return;
      const path = join(at, name);
      const stat = statOf(path);
      if (stat === undefined) continue;
      if (isProtected(path)) found.set(path, identity(stat));
      else if (stat.isDirectory() && left > 1) walk(path, left - 1);
    }
  };
  // A name of two parts (.git/hooks) counts as one level.
  walk(folder, depth + 1);
  return found;
}

/**
 * Notes what is protected in a granted folder before a script runs.
 *
 * @param closed paths that a grant closes; those that are not there yet must not come to be.
 */
export function findProtected(folder: string, depth: number, closed: readonly string[] = []): ProtectedPaths {
  const existing = find(folder, depth);
  const ancestors = new Set<string>();
  for (const path of existing.keys()) {
    for (let above = dirname(path); above.length > folder.length; above = dirname(above)) ancestors.add(above);
  }
  const absent = closed.filter((path) => path.startsWith(`${folder}/`) && !exists(path));
  return { folder, depth, existing, ancestors: [...ancestors].sort(), absent };
}

/** Removes what must not be. A script that runs may change it at that very moment: the next search meets it again. */
export function takeAway(path: string): void {
  try {
    removeTree(path);
  } catch {
    // told all the same
  }
}

/**
 * Takes back protected names that a script made. Those that were there before are read-only mounts in its tree; a name
 * that did not exist cannot be mounted over, so it is removed as soon as it is seen.
 *
 * @returns the paths that were removed.
 */
export function removeNewProtected(before: ProtectedPaths): string[] {
  const removed: string[] = [];
  for (const path of find(before.folder, before.depth).keys()) {
    if (before.existing.has(path)) continue;
    takeAway(path);
    removed.push(path);
  }
  return removed;
}

/**
 * Takes back what a script made at paths that its grant closes and that did not exist, for the same reason.
 *
 * @returns the paths that were removed.
 */
export function removeNewClosed(before: ProtectedPaths): string[] {
  const made = before.absent.filter(exists);
  for (const path of made) takeAway(path);
  return made;
}

/** The paths that a grant's exceptions close inside of what may be written. */
export function closedPaths(places: readonly Place[] | undefined): string[] {
  return (places ?? []).filter(({ access }) => access !== 'write').map(({ path }) => path);
}
