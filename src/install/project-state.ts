import { lstat, readFile, readlink, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BinSnapshot, restoreBins, snapshotBins } from '../run/index.js';

const METADATA = ['package.json', 'package-lock.json', 'npm-shrinkwrap.json'];

/** What arborist's own roll-back does not bring back, remembered before the first write. */
export interface ProjectState {
  /** Path → bytes, null where the file did not exist. */
  metadata: Map<string, Buffer | null>;
  /** node_modules folder → what stood there. */
  nodeModules: Map<string, { kind: 'folder' } | { kind: 'link'; target: string } | { kind: 'nothing' }>;
  bins: BinSnapshot[];
  /** Links that would be written → their target now, null where there is none. */
  links: Map<string, string | null>;
}

/** Remembers metadata files and node_modules folders of the project and its workspaces, and the given `.bin` folders. */
export async function rememberProject(roots: readonly string[], binFolders: readonly string[]): Promise<ProjectState> {
  const state: ProjectState = { metadata: new Map(), nodeModules: new Map(), bins: [], links: new Map() };
  for (const root of roots) {
    for (const name of METADATA) {
      const path = join(root, name);
      state.metadata.set(path, await readFile(path).catch(() => null));
    }
    const folder = join(root, 'node_modules');
    const stats = await lstat(folder).catch(() => null);
    state.nodeModules.set(
      folder,
      stats === null
        ? { kind: 'nothing' }
        : stats.isSymbolicLink()
          ? { kind: 'link', target: await readlink(folder) }
          : { kind: 'folder' },
    );
  }
  state.bins = await Promise.all(binFolders.map(snapshotBins));
  return state;
}

/** Remembers links that are about to be written. */
export async function rememberLinks(state: ProjectState, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!state.links.has(path)) {
      state.links.set(path, await readlink(path).catch(() => null));
    }
  }
}

/** Writes package.json and lock files back where they differ from what they were. */
export async function restoreMetadata({ metadata }: ProjectState): Promise<void> {
  for (const [path, bytes] of metadata) {
    const now = await readFile(path).catch(() => null);
    if (bytes === null) {
      if (now !== null) {
        await rm(path, { force: true });
      }
    } else if (now === null || !now.equals(bytes)) {
      await writeFile(path, bytes);
    }
  }
}

/** Brings back what arborist's roll-back left: links of bins, a node_modules that was a link, folders that were not there. */
export async function restoreProject(state: ProjectState): Promise<void> {
  await restoreMetadata(state);
  for (const snapshot of state.bins) {
    await restoreBins(snapshot);
  }
  for (const [path, target] of state.links) {
    if (target === null && (await lstat(path).catch(() => null))?.isSymbolicLink() === true) {
      await rm(path, { force: true });
      // A scope's folder that held nothing else.
      await rmdir(dirname(path)).catch(() => undefined);
    }
  }
  for (const [folder, before] of state.nodeModules) {
    if (before.kind === 'nothing') {
      await rmdir(folder).catch(() => undefined);
    } else if (before.kind === 'link' && (await lstat(folder).catch(() => null)) === null) {
      await symlink(before.target, folder);
    }
  }
}
