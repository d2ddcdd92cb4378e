import { lstat, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import PackageJson from '@npmcli/package-json';
import binLinks from 'bin-links';
import { SafeInstallError } from '../errors.js';
import {
  ArboristBase,
  type ArboristOptions,
  callBase,
  type PackageManifest,
  symbols,
  type TreeDiff,
  type TreeNode,
} from './arborist-internals.js';
import { NoLockFileError, type Versioned } from './validate-lockfile.js';

/** What the lifecycle runner needs of arborist while it builds the tree. */
export interface BuildTools {
  /** Links the bins of these nodes as npm does. */
  linkBins(nodes: TreeNode[]): Promise<void>;
  /** For an optional node: swallows the failure and marks the node's optional set to be removed. */
  handleOptionalFailure(node: TreeNode, work: Promise<void>): Promise<void>;
  /** Whether the node will be removed when the install is done, e.g. after an optional failure. */
  isTrash(node: TreeNode): boolean;
}

/** Where the road comes into arborist's transaction. */
export interface Guard {
  /** Called once with all that would change, before a byte is written. What it throws leaves the project as it was. */
  admit(diff: TreeDiff): Promise<void>;
  /** Puts the scanned bytes of a node into `node.path`. */
  extract(node: TreeNode): Promise<void>;
  /** Runs lifecycle scripts and links bins, in npm's order; a rejection rolls the tree back. */
  build(nodes: TreeNode[], tools: BuildTools): Promise<void>;
  /** Called when package.json or the lock file could not be saved, before the tree is rolled back. */
  restoreMetadata(): Promise<void>;
  /** Called when tree, package.json and lock file are in place: what was kept to go back may be removed. */
  commit(): Promise<void>;
}

/**
 * Arborist that runs no code of its own accord: pacote gets `ignoreScripts`, extraction and scripts belong to the guard, and
 * the old tree is kept until the lock file is saved, so that a failure there rolls back, too.
 */
export class GuardedArborist extends ArboristBase {
  readonly #guard: Guard | null;
  #admitted = false;
  readonly #validated = new Set<string>();
  #locked: Map<string, Versioned> | null = null;
  #needsLock = false;

  constructor(options: ArboristOptions, guard: Guard | null = null) {
    super({ ...options, ignoreScripts: true, audit: false });
    // It links each path once in a process, and would leave out the bins of a second install in the same project.
    binLinks.resetSeen();
    this.#guard = guard;
  }

  /**
   * Builds the ideal tree from a lock file that has to be there. Returns what that file says, by location, as it was before the
   * tree was made of it.
   * @throws NoLockFileError
   */
  async buildFromLock(): Promise<ReadonlyMap<string, Versioned>> {
    this.#needsLock = true;
    await this.buildIdealTree();
    return this.#locked ?? new Map();
  }

  override async loadVirtual(options?: Record<string, unknown>): Promise<TreeNode> {
    if (!this.#needsLock || this.#locked !== null) return super.loadVirtual(options);
    const tree = await super.loadVirtual(options).catch((error: unknown) => {
      throw new NoLockFileError((error as Error).message);
    });
    if (tree.meta?.loadedFromDisk !== true) throw new NoLockFileError('there is none that can be read');
    this.#locked = new Map(
      [...tree.inventory].map(([location, { name, version }]) => [location, { name, version }] as const),
    );
    return tree;
  }

  async [symbols.diffTrees](): Promise<void> {
    await callBase(this, symbols.diffTrees);
    if (this.#guard !== null && this.diff !== null && !this.#admitted) {
      this.#admitted = true;
      await this.#guard.admit(this.diff);
    }
  }

  async [symbols.reifyNode](node: TreeNode): Promise<TreeNode> {
    const guard = this.#guard;
    const known = node.resolved !== null || (node.package.name !== undefined && node.version !== undefined);
    if (guard === null || node.isLink || !known) {
      return callBase(this, symbols.reifyNode, node);
    }
    let refusal: SafeInstallError | null = null;
    const work = this.#extract(node, guard).catch((error: unknown) => {
      if (!(error instanceof SafeInstallError)) {
        throw error;
      }
      refusal = error;
    });
    await callBase(this, symbols.handleOptionalFailure, node, work);
    if (refusal !== null) {
      throw refusal;
    }
    return node;
  }

  override async rebuild(options: { nodes?: Iterable<TreeNode>; handleOptionalFailure?: boolean }): Promise<void> {
    if (this.#guard === null || options.nodes === undefined) {
      return super.rebuild(options);
    }
    const trash = (this as unknown as Record<symbol, Set<string>>)[symbols.trashList] ?? new Set();
    await this.#guard.build([...options.nodes], {
      linkBins: (nodes) => super.rebuild({ nodes, handleOptionalFailure: true }),
      handleOptionalFailure: async (node, work) => {
        await callBase(this, symbols.handleOptionalFailure, node, work);
      },
      isTrash: (node) => trash.has(node.path) || trash.has(node.target.path),
    });
  }

  // Arborist removes the old tree before it saves package.json and the lock file; here it stays until both are saved.
  async [symbols.removeTrash](): Promise<void> {
    return undefined;
  }

  async [symbols.saveIdealTree](options: Record<string, unknown>): Promise<unknown> {
    let saved: unknown;
    try {
      saved = await callBase(this, symbols.saveIdealTree, options);
    } catch (error) {
      await this.#guard?.restoreMetadata();
      const written = this.options['dryRun'] !== true && this.options['packageLockOnly'] !== true;
      if (written) {
        await callBase(this, symbols.rollback, error);
      }
      throw error;
    }
    await callBase(this, symbols.removeTrash);
    await this.#guard?.commit();
    return saved;
  }

  async #extract(node: TreeNode, guard: Guard): Promise<void> {
    await callBase(this, symbols.checkBins, node);
    await this.#requireFolder(resolve(node.parent?.path ?? this.path, 'node_modules'));
    await guard.extract(node);
    if (node.isInStore) {
      const { content } = await PackageJson.normalize(node.path);
      const { scripts } = content as PackageManifest;
      if (scripts !== undefined) {
        node.package.scripts = scripts;
      }
    }
  }

  // A node_modules that is a symbolic link would let a package be written elsewhere.
  async #requireFolder(folder: string): Promise<void> {
    if (this.options['force'] === true || this.#validated.has(folder)) {
      return;
    }
    const stats = await lstat(folder).catch(() => null);
    if (stats !== null && !stats.isDirectory()) {
      await rm(folder, { recursive: true, force: true });
    }
    this.#validated.add(folder);
  }
}
