import { resolve } from 'node:path';
import { SafeInstallError } from '../../errors.js';
import type { PackageSourceKind, Verdict } from '../../model.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../score.js';
import { isStored, type PlaceJob, type PlaceResult } from '../../store/index.js';
import type { AnalyzerTarget } from '../analyze-file.js';
import { limitVerdict } from '../limit-verdict.js';
import { hashRules } from '../rules/rule-files.js';
import { openVerdictCache, type VerdictCache } from '../verdict-cache.js';
import { Crew } from './crew.js';
import { HEAP_MB, workerCount } from './early-worker.js';
import type { Outcome } from './job-queue.js';
import type { ErrorParts, Job } from './protocol.js';

export interface PoolOptions {
  /** Folders of rules; the first is this package's own. */
  rulesFolders: string[];
  /** SAFE_INSTALL_HOME, where verdicts are kept; null for no cache. */
  home: string | null;
  thresholds?: Thresholds;
  /** Processes and threads that work at the same time; by default as many as the machine has cores, at most 4. */
  workers?: number;
  /** Milliseconds for one job, then who does it is ended; a scan's verdict is then `review`. */
  timeoutMs?: number;
  /** MiB of heap of one process that scans. */
  heapMb?: number;
  /** Folder of the unpacked store: what is read for a scan is kept there; none by default. */
  store?: string | null;
  /** Public keys whose imported verdicts count; none by default. */
  trustedKeys?: readonly string[];
}

type Work = Job extends infer Each ? (Each extends Job ? Omit<Each, 'id'> : never) : never;

/** A scan that the caller has to know of: the tarball is not what its integrity says, or cannot be read. */
export class ScanFailedError extends SafeInstallError {}

/**
 * Processes that scan packages, each with a memory cap and a time limit, and the verdict cache before them; threads of this process
 * write packages into their folders.
 */
export class AnalyzerPool {
  readonly #options: Required<Omit<PoolOptions, 'home'>>;
  readonly #home: string | null;
  #opened: VerdictCache | undefined;
  readonly #crew: Crew;
  #nextId = 1;
  #closed = false;
  /** What is known will be written: it is unpacked while threads have nothing to scan. */
  #writes = false;

  constructor(options: PoolOptions) {
    this.#options = {
      rulesFolders: options.rulesFolders,
      thresholds: options.thresholds ?? DEFAULT_THRESHOLDS,
      workers: Math.max(1, options.workers ?? workerCount()),
      timeoutMs: options.timeoutMs ?? 150_000,
      heapMb: options.heapMb ?? HEAP_MB,
      store: options.store ?? null,
      trustedKeys: options.trustedKeys ?? [],
    };
    this.#home = options.home;
    const { rulesFolders, thresholds, store, workers, timeoutMs, heapMb } = this.#options;
    const errorOf = (parts: ErrorParts): Error => new ScanFailedError(parts.message, parts);
    const folders = rulesFolders.map((folder) => resolve(folder));
    const setup = { rulesFolders: folders, thresholds, store: store === null ? null : resolve(store) };
    this.#crew = new Crew({ setup, workers, timeoutMs, heapMb, errorOf });
  }

  /**
   * Scans one package.
   *
   * @throws ScanFailedError when the bytes do not match their integrity or cannot be read, or a rule file is not valid
   */
  async scan(target: AnalyzerTarget): Promise<Verdict> {
    if (this.#closed) throw new Error('the pool is closed');
    const known = this.#fromCache(target);
    if (known !== null) {
      this.#keep(target);
      return known;
    }
    const outcome = await this.#submit({ work: 'scan', target: absolute(target) }, bytesOf(target));
    // A verdict that a limit of time or memory made is this machine's of this moment: it is not kept.
    if ('limit' in outcome) return limitVerdict(outcome.limit);
    if (!('verdict' in outcome)) throw new TypeError('a scan was answered without a verdict');
    const { verdict } = outcome;
    if (target.kind === 'tarball' && target.integrity !== null)
      this.#cache?.set(target.integrity, verdict, this.#variant(target));
    return verdict;
  }

  /** Writes a package, whose verdict is known, into its folder: from the store, else from its tarball, which is then kept there. */
  async place(place: PlaceJob, tarball: string, bytes = 0): Promise<PlaceResult> {
    if (this.#closed) return 'failed';
    const outcome = await this.#submit({ work: 'place', place, tarball }, bytes);
    return 'placed' in outcome ? outcome.placed : 'failed';
  }

  /** Starts the threads that write, for packages will be written. */
  warmUp(): void {
    this.#writes = true;
    this.#crew.startWriters();
  }

  /** Starts processes that scan, for there are so many tarballs to be read soon. */
  expect(scans: number): void {
    this.#crew.startScanners(scans);
  }

  /** The verdict that the cache has of this target, without reading it. */
  cached(target: AnalyzerTarget): Verdict | null {
    return this.#fromCache(target);
  }

  /** Whether the cache has a verdict of a tarball, without reading the verdict. */
  knows(integrity: string, source: PackageSourceKind): boolean {
    return this.#cache?.has(integrity, this.#variant({ source })) === true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#crew.close();
  }

  // Where its tarball was never unpacked here, though its verdict came from elsewhere.
  #keep(target: AnalyzerTarget): void {
    const { store } = this.#options;
    if (!this.#writes || store === null || target.kind !== 'tarball' || target.integrity === null) return;
    if (isStored(store, target.integrity)) return;
    const job = { work: 'keep', integrity: target.integrity, tarball: target.file } as const;
    // Nobody waits: what was not kept is unpacked when it is written.
    this.#submit(job, bytesOf(target)).catch(() => undefined);
  }

  #submit(work: Work, bytes: number): Promise<Outcome> {
    return this.#crew.submit({ id: this.#nextId++, ...work }, bytes);
  }

  /** Opened when first asked for: a folder's verdict is never kept, and the key is a hash over all rules. */
  get #cache(): VerdictCache | null {
    if (this.#home === null) return null;
    const { rulesFolders, trustedKeys } = this.#options;
    this.#opened ??= openVerdictCache(this.#home, hashRules(rulesFolders), { trustedKeys });
    return this.#opened;
  }

  #fromCache(target: AnalyzerTarget): Verdict | null {
    if (target.kind !== 'tarball' || target.integrity === null) return null;
    return this.#cache?.get(target.integrity, this.#variant(target)) ?? null;
  }

  /** A verdict also depends on the thresholds, and on whether `prepare` runs. */
  #variant(target: Pick<AnalyzerTarget, 'source'>): string {
    const { review, block } = this.#options.thresholds;
    const fromSource = target.source === 'git' || target.source === 'file' || target.source === 'directory';
    const custom =
      review === DEFAULT_THRESHOLDS.review && block === DEFAULT_THRESHOLDS.block ? '' : `${review}-${block}`;
    return `${fromSource ? 'source' : ''}${custom}`;
  }
}

/** A process that scans stands in another folder. */
function absolute(target: AnalyzerTarget): AnalyzerTarget {
  return target.kind === 'tarball'
    ? { ...target, file: resolve(target.file) }
    : { ...target, folder: resolve(target.folder) };
}

function bytesOf(target: AnalyzerTarget): number {
  return target.kind === 'tarball' ? (target.bytes ?? 0) : 0;
}
