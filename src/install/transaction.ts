import { join } from 'node:path';
import { type ProjectState, rememberLinks, rememberProject, restoreMetadata, restoreProject } from './project-state.js';
import { dropTrees, type RetiredTrees, restoreTrees, retireTrees } from './retired-trees.js';

/** What makes a failed command leave no trace: it complements arborist's own roll-back, from before the first write until everything is saved. */
export class Transaction {
  #state: ProjectState | null = null;
  #retired: RetiredTrees | null = null;
  #committed = false;

  /** Remembers the project before the first write. */
  async begin(roots: readonly string[], binFolders: readonly string[]): Promise<void> {
    this.#state ??= await rememberProject(roots, binFolders);
  }

  /** Remembers links that are about to be written; arborist's roll-back leaves new ones. */
  async watchLinks(paths: readonly string[]): Promise<void> {
    if (this.#state !== null) {
      await rememberLinks(this.#state, paths);
    }
  }

  /** Moves the node_modules of all roots aside, so that the command starts from nothing. */
  async retire(roots: readonly string[]): Promise<void> {
    this.#retired = { folders: new Map() };
    await retireTrees(
      roots.map((root) => join(root, 'node_modules')),
      this.#retired,
    );
  }

  /** Puts package.json and lock files back. */
  async restoreMetadata(): Promise<void> {
    if (this.#state !== null) {
      await restoreMetadata(this.#state);
    }
  }

  /** Everything is in place: what was kept to go back is removed. */
  async commit(): Promise<void> {
    this.#committed = true;
    if (this.#retired !== null) {
      await dropTrees(this.#retired);
    }
  }

  /** Goes back to where `begin` was called; nothing once committed. */
  async rollBack(): Promise<void> {
    if (this.#committed || this.#state === null) {
      return;
    }
    if (this.#retired !== null) {
      await restoreTrees(this.#retired);
    }
    await restoreProject(this.#state);
  }
}
