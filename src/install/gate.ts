import type { AllowScripts } from '../decide/index.js';
import type { FetchSettings } from '../fetch/index.js';
import type { Action, Decision, PackageSourceKind } from '../model.js';
import type { TreeNode } from '../resolve/index.js';
import { sourceKind } from '../resolve/package-node.js';
import type { PlaceJob, PlaceResult } from '../store/index.js';
import { type AdmissionSettings, type Admitted, admitNodes, decideWithScripts } from './admission.js';
import type { InstallOptions, Rooms, Scanner } from './options.js';
import { BlockedError, ReviewNeededError, StrictScriptsError } from './outcome-errors.js';
import type { FindVersionBefore, VersionBefore } from './version-before.js';

/** A node that may be admitted, and whether its bytes would be written. */
export interface Candidate {
  node: TreeNode;
  written: boolean;
}

/** What an install from the same files has found out before, of the very same bytes. */
export interface Recall {
  scripts: NonNullable<AdmissionSettings['knownScripts']>;
  /** Finds the version that was compared with then; `find` looks anew. */
  versionBefore(scanner: Scanner, find: FindVersionBefore): FindVersionBefore;
}

/** Everything passes here before it is written: no verdict, no extraction. It holds the scanner's workers while it lives. */
export class Gate {
  readonly #options: InstallOptions;
  readonly #rooms: Rooms;
  readonly #fetch: FetchSettings;
  readonly #allowScripts: AllowScripts;
  readonly #warnings: string[];
  readonly #recall: Recall | null;
  /** Location → the version that a package was compared with; null where there was none. */
  readonly compared = new Map<string, VersionBefore | null>();
  readonly #byPlace = new Map<string, Admitted>();
  readonly #unavailable = new Map<string, unknown>();
  #scanner: Promise<Scanner> | null = null;
  #versionBefore: FindVersionBefore | null = null;
  #extracted = 0;
  #written = 0;

  constructor(
    options: InstallOptions,
    rooms: Rooms,
    fetch: FetchSettings,
    allowScripts: AllowScripts,
    warnings: string[],
    recall: Recall | null = null,
  ) {
    this.#options = options;
    this.#rooms = rooms;
    this.#fetch = fetch;
    this.#allowScripts = allowScripts;
    this.#warnings = warnings;
    this.#recall = recall;
  }

  /** All packages that were scanned and decided on, in the order they were asked for. */
  get admitted(): Admitted[] {
    return [...this.#byPlace.values()];
  }

  /**
   * Fetches, scans and decides on nodes that have not been yet.
   * @throws BlockedError, ReviewNeededError, StrictScriptsError, or the fetch's error
   */
  async admit(candidates: readonly Candidate[]): Promise<void> {
    const fresh = candidates
      .filter(({ node }) => !this.#knows(node))
      .map((candidate) => ({ ...candidate, source: sourceKind(candidate.node, this.#fetch) }))
      .filter(({ node, source }) => isForeign(node, source));
    if (fresh.length === 0) {
      return;
    }
    const settings = await this.#settings();
    const { admitted, unavailable, unread } = await admitNodes(fresh, settings);
    for (const entry of admitted) {
      this.#byPlace.set(entry.node.path, entry);
      this.#written += entry.written ? 1 : 0;
    }
    for (const { node, error } of unavailable) {
      this.#unavailable.set(node.path, error);
      this.#warnings.push(`optional ${node.name}@${node.version} is left out: ${(error as Error).message}`);
    }
    if (unread > 0) {
      this.#warnings.push(
        `${unread} packages that are in node_modules already were not read: their tarballs are not in npm's cache. ` +
          '`safe-install ci` reads everything.',
      );
    }
    await this.#judge(admitted);
  }

  /** Puts a node's scanned bytes into place. A node that only turned up now (from a shrinkwrap, say) is admitted first. */
  async extract(node: TreeNode): Promise<void> {
    if (!this.#knows(node)) await this.admit([{ node, written: true }]);
    if (this.#unavailable.has(node.path)) {
      throw this.#unavailable.get(node.path);
    }
    const entry = this.#byPlace.get(node.path);
    if (entry?.pin == null) {
      throw new TypeError(`${node.location} was not admitted`);
    }
    const { name, version } = entry.packageNode;
    await this.#rooms.extract(`${name}@${version}`, entry.pin, node.path, this.#fetch, this.#mayLink(entry));
    this.#extracted += 1;
    this.#options.onProgress?.({ phase: 'reify', done: this.#extracted, total: this.#written });
  }

  /** Lets the threads load, which scan and write. */
  async warmUp(): Promise<void> {
    const { scanner } = await this.#settings();
    scanner.warmUp?.();
  }

  /** Writes a scanned tarball into its folder by the scanner's threads; see `Scanner.place`. */
  async place(job: PlaceJob, tarball: string, bytes: number): Promise<PlaceResult> {
    const { scanner } = await this.#settings();
    return scanner.place?.(job, tarball, bytes) ?? 'failed';
  }

  /** Whether any admitted package that would be written has a script that is to run. */
  hasScriptsToRun(): boolean {
    return this.admitted.some(({ written, decision, node }) => (written || node.isLink) && decision.runScripts);
  }

  /** What was decided for a node, or for the package that bundles it; null for what is the project's own. */
  entryFor(node: TreeNode): Admitted | null {
    const known = this.#byPlace.get(node.path) ?? this.#byPlace.get(node.target.path);
    if (known !== undefined) {
      return known;
    }
    const bundler = node.inBundle ? node.getBundler() : null;
    return bundler === null ? null : this.entryFor(bundler);
  }

  /** Whether a node's scripts may run, also when metadata had not told that it has any. */
  async decisionFor(node: TreeNode): Promise<Decision | null> {
    const entry = this.entryFor(node);
    if (entry === null) {
      return null;
    }
    return entry.scripts.length > 0 ? entry.decision : decideWithScripts(entry, await this.#settings());
  }

  /** Scans a tarball that a script asks for through the gateway. */
  async scanBytes(tarball: Uint8Array, url: string): Promise<Action> {
    const { scanner, fetch } = await this.#settings();
    const { pinBytes } = await import('../fetch/write-content.js');
    const pin = await pinBytes(fetch.cache, url, Buffer.from(tarball));
    const target = { kind: 'tarball', file: pin.file, integrity: pin.integrity, source: 'remote' } as const;
    return (await scanner.scan({ ...target, name: url, version: '' })).action;
  }

  // Nothing of an install may touch files that other projects have, too: scripts write, what is bundled has scripts of its
  // own, and npm changes the mode of bins.
  #mayLink({ scripts, node, packageNode }: Admitted): boolean {
    const { bundleDependencies, bin } = node.package;
    const plain = packageNode.source === 'registry' && !bundleDependencies && Object.keys(bin ?? {}).length === 0;
    return this.#options.link === true && plain && scripts.length === 0 && !node.hasInstallScript;
  }

  async close(): Promise<void> {
    const scanner = await this.#scanner?.catch(() => null);
    await scanner?.close();
  }

  async #judge(admitted: readonly Admitted[]): Promise<void> {
    const blocked = admitted.filter(({ decision }) => decision.action === 'block');
    if (blocked.length > 0) {
      throw new BlockedError(blocked);
    }
    const { npm } = this.#options;
    const unreviewed = admitted.filter(
      ({ decision, scripts }) => scripts.length > 0 && decision.approval === 'unreviewed',
    );
    if (npm.flat['strictAllowScripts'] === true && npm.flat['ignoreScripts'] !== true && unreviewed.length > 0) {
      throw new StrictScriptsError(unreviewed);
    }
    await this.#ask(admitted.filter(({ pending }) => pending));
  }

  async #ask(pending: readonly Admitted[]): Promise<void> {
    if (pending.length === 0) {
      return;
    }
    const { ask, policy } = this.#options;
    if (ask === undefined || policy.onReview === 'fail') {
      throw new ReviewNeededError(pending, false);
    }
    const grants = await Promise.all(pending.map((entry) => this.#rooms.grantFor(entry, policy)));
    const answers = await ask(
      pending.map((entry, index) => ({
        node: entry.packageNode,
        verdict: entry.verdict,
        scripts: entry.scripts,
        grant: grants[index]!,
        scriptHash: entry.scriptHash,
        reason: entry.decision.reason,
      })),
    );
    for (const [index, entry] of pending.entries()) {
      const answer = answers[index] ?? 'stop';
      if (answer === 'stop') {
        throw new ReviewNeededError([entry], true);
      }
      const runScripts = answer === 'approve' && entry.scripts.length > 0;
      entry.pending = false;
      entry.decision = {
        ...entry.decision,
        action: 'allow',
        runScripts,
        reason: answer === 'approve' ? 'approved at the prompt' : 'installed without its scripts, at the prompt',
      };
    }
  }

  #knows(node: TreeNode): boolean {
    return this.#byPlace.has(node.path) || this.#unavailable.has(node.path);
  }

  #findVersions(scanner: Scanner): FindVersionBefore {
    let finder: FindVersionBefore | null = null;
    const anew: FindVersionBefore = async (node) => {
      // Few packages have anything to compare.
      const { versionsBefore } = await import('./version-before.js');
      finder ??= versionsBefore(this.#options.npm.path, this.#fetch, scanner);
      return finder(node);
    };
    const find = this.#recall?.versionBefore(scanner, anew) ?? anew;
    return async (node) => {
      const found = await find(node);
      this.compared.set(node.location, found);
      return found;
    };
  }

  async #settings(): Promise<AdmissionSettings> {
    const { npm, policy, approvals, onProgress, signal } = this.#options;
    this.#scanner ??= this.#rooms.createScanner(this.#options);
    const scanner = await this.#scanner;
    this.#versionBefore ??= this.#findVersions(scanner);
    return {
      fetch: this.#fetch,
      scanner,
      versionBefore: this.#versionBefore,
      ...(this.#recall === null ? {} : { knownScripts: this.#recall.scripts }),
      allowScripts: this.#allowScripts,
      allowAll: npm.flat['dangerouslyAllowAllScripts'] === true,
      policy,
      approvals,
      onProgress: onProgress ?? (() => undefined),
      signal,
      allowed: (pin) => this.#rooms.allowed?.(pin),
    };
  }
}

// The project and its workspaces are the user's own; what is bundled is read inside the tarball that brings it.
function isForeign(node: TreeNode, source: PackageSourceKind): boolean {
  // A link into the linked strategy's store leads to a package that is a node of its own.
  const intoStore = node.isStoreLink === true && node.target.isInStore;
  return source !== 'root' && source !== 'workspace' && source !== 'bundled' && !intoStore;
}
