import { join } from 'node:path';
import { type FolderBefore, prepareFolder, prepareLayer } from '../package-folder.js';
import { type ProtectedPaths, removeNewClosed, removeNewProtected, takeAway } from '../protected-paths.js';
import { watchProtected } from '../protected-watch.js';
import { bringOver, type LayerChanges, readChanges } from './layer-changes.js';
import { type Layers, removeLayers, upperOf } from './layers.js';

/** Hears of a name that must not be in a granted folder. */
export type Refuse = (path: string, closedByGrant: boolean) => void;

/** The folders that a grant opens to one script, and what becomes of what it writes there. */
export interface GrantedFolders {
  /** What they were before, to clean them after the script. */
  before: FolderBefore[];
  /** True where only what was written stands in the folders of `before`. */
  layered: boolean;
  /** The path as the script knows it. */
  pathOf(path: string): string;
  /** Looks for names that must not be while the script runs. Returns what ends that. */
  watch(refuse: Refuse): () => void;
  /** Looks once more when every process of the script is gone. */
  settle(refuse: Refuse): Promise<void>;
  /** Keeps what the script wrote; without this call what is in a layer is lost. */
  keep(): void;
  /** Removes what is only for this script. */
  remove(): void;
}

/** How often granted folders are searched for new protected names while a script runs, besides being watched. */
const SEARCH_MS = 400;

/** Folders in which the script writes at once: names that must not be are removed as soon as they are seen. */
export function directFolders(writable: readonly string[], guarded: readonly ProtectedPaths[]): GrantedFolders {
  const search = (refuse: Refuse) => {
    for (const path of guarded.flatMap(removeNewClosed)) refuse(path, true);
    for (const path of guarded.flatMap(removeNewProtected)) refuse(path, false);
  };
  return {
    before: writable.map(prepareFolder),
    layered: false,
    pathOf: (path) => path,
    watch(refuse) {
      if (guarded.length === 0) return () => {};
      const timer = setInterval(() => search(refuse), SEARCH_MS);
      const watching = guarded.map((folder) =>
        watchProtected(folder, (path) => {
          takeAway(path);
          refuse(path, folder.absent.includes(path));
        }),
      );
      return () => {
        clearInterval(timer);
        for (const end of watching) end();
      };
    },
    settle: async (refuse) => search(refuse),
    keep: () => {},
    remove: () => {},
  };
}

/** Folders with a layer over each: nothing that must not be ever reaches them, and what may, when the script has ended. */
export function layeredFolders(
  layers: Layers,
  guarded: readonly ProtectedPaths[],
  owner: { uid: number; gid: number } | null,
): GrantedFolders {
  const changes: LayerChanges[] = [];
  return {
    before: layers.folders.map((folder, n) => prepareLayer(folder, upperOf(layers, n))),
    layered: true,
    pathOf(path) {
      const n = layers.folders.findIndex((_, at) => path.startsWith(`${upperOf(layers, at)}/`));
      return n < 0 ? path : layers.folders[n]! + path.slice(upperOf(layers, n).length);
    },
    watch(refuse) {
      const told = new Set<string>();
      const watching = guarded.map((folder, n) => {
        const once = (path: string) => {
          if (!told.has(path)) refuse(path, folder.absent.includes(path));
          told.add(path);
        };
        return watchProtected(folder, once, upperOf(layers, n));
      });
      return () => {
        for (const end of watching) end();
      };
    },
    async settle(refuse) {
      for (const [n, folder] of guarded.entries()) changes.push(await readChanges(layers, n, folder, owner));
      for (const [n, { folder, refused }] of changes.entries()) {
        for (const path of refused.map((name) => join(folder, name))) {
          refuse(path, guarded[n]!.absent.includes(path));
        }
      }
    },
    keep() {
      for (const change of changes) bringOver(change);
    },
    remove: () => removeLayers(layers),
  };
}
