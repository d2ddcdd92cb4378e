import { type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { isProtected, type ProtectedPaths } from './protected-paths.js';

/** Folders that one watch follows at most; what lies beyond is found by the search that goes on beside it. */
const MAX_FOLDERS = 4096;

/**
 * Follows a granted folder while a script runs, and tells at once of each name in it that must not come to be. The kernel tells
 * of new names after they are there: this keeps the time short in which they are, and prevents nothing.
 *
 * @param found called with the path of a new protected name, or of a new one that the grant closes.
 * @returns what ends the watch.
 */
export function watchProtected(before: ProtectedPaths, found: (path: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const absent = new Set(before.absent);

  const look = (path: string, left: number): void => {
    if (absent.has(path) || (isProtected(path) && !before.existing.has(path))) {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) found(path);
    } else if (left > 1 && lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) follow(path, left - 1);
  };

  const follow = (folder: string, left: number): void => {
    if (watchers.size >= MAX_FOLDERS || before.existing.has(folder)) return;
    try {
      watchers.get(folder)?.close();
      const watcher = watch(folder, { persistent: false }, (type, name) => {
        if (type === 'rename' && name !== null) look(join(folder, name), left);
      });
      watcher.on('error', () => watcher.close());
      watchers.set(folder, watcher);
      // What came before the watch stood is looked at now.
      for (const name of readdirSync(folder)) look(join(folder, name), left);
    } catch {
      // no watches left, or it is gone again: the search beside finds what is there
    }
  };

  follow(before.folder, before.depth + 1);
  return () => {
    for (const watcher of watchers.values()) watcher.close();
  };
}
