import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { isProtected, type ProtectedPaths, statOf } from './protected-paths.js';

/** Folders that one watch follows at most; what lies beyond is found by the search that goes on beside it. */
const MAX_FOLDERS = 4096;

/**
 * Follows a granted folder while a script runs, and tells at once of each name in it that must not come to be. The kernel tells
 * of new names after they are there: this keeps the time short in which they are, and prevents nothing.
 *
 * @param seen where the folder is looked at, when that is not its own path: a layer over it.
 * @param found called with the path of a new protected name, or of a new one that the grant closes.
 * @returns what ends the watch.
 */
export function watchProtected(
  before: ProtectedPaths,
  found: (path: string) => void,
  seen: string = before.folder,
): () => void {
  const watchers = new Map<string, FSWatcher>();
  const absent = new Set(before.absent);
  const stat = (path: string) => statOf(seen + path.slice(before.folder.length));

  const look = (path: string, left: number): void => {
    if (absent.has(path) || (isProtected(path) && !before.existing.has(path))) {
      if (stat(path) !== undefined) found(path);
    } else if (left > 1 && stat(path)?.isDirectory()) follow(path, left - 1);
  };

  const follow = (folder: string, left: number): void => {
    if (watchers.size >= MAX_FOLDERS || before.existing.has(folder)) return;
    try {
      watchers.get(folder)?.close();
      const there = seen + folder.slice(before.folder.length);
      const watcher = watch(there, { persistent: false }, (type, name) => {
        if (type === 'rename' && name !== null) look(join(folder, name), left);
      });
      watcher.on('error', () => watcher.close());
      watchers.set(folder, watcher);
      // What came before the watch stood is looked at now.
      for (const name of readdirSync(there)) look(join(folder, name), left);
    } catch {
      // no watches left, or it is gone again: the search beside finds what is there
    }
  };

  follow(before.folder, before.depth + 1);
  return () => {
    for (const watcher of watchers.values()) watcher.close();
  };
}
