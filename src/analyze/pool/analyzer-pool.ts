import type { Worker } from 'node:worker_threads';
import { SafeInstallError } from '../../errors.js';
import type { PackageSourceKind, Verdict } from '../../model.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../score.js';
import { isStored, type PlaceJob, type PlaceResult } from '../../store/index.js';
import type { AnalyzerTarget } from '../analyze-file.js';
import { limitVerdict } from '../limit-verdict.js';
import { hashRules } from '../rules/rule-files.js';
import { openVerdictCache, type VerdictCache } from '../verdict-cache.js';
import { HEAP_MB, takeWorker, workerCount } from './early-worker.js';
import { JobQueue, type Outcome, type Pending } from './job-queue.js';
import { type Answer, type Job, LOAD, type WorkerSetup } from './protocol.js';

export interface PoolOptions {
  /** Folders of rules; the first is this package's own. */
  rulesFolders: string[];
  /** SAFE_INSTALL_HOME, where verdicts are kept; null for no cache. */
  home: string | null;
  thresholds?: Thresholds;
  /** Worker threads; by default as many as the machine has cores, at most 4. */
  workers?: number;
  /** Milliseconds for one job, then its worker is ended; a scan's verdict is then `review`. */
  timeoutMs?: number;
  /** MiB of heap of one worker. */
  heapMb?: number;
  /** Folder of the unpacked store: what is read for a scan is kept there; none by default. */
  store?: string | null;
  /** Public keys whose imported verdicts count; none by default. */
  trustedKeys?: readonly string[];
}

type Work = Job extends infer Each ? (Each extends Job ? Omit<Each, 'id'> : never) : never;

interface Slot {
  worker: Worker;
  current: Pending | null;
  timer: NodeJS.Timeout | null;
  /** Whether its analyzer is loaded, or about to be. */
  scans: boolean;
}

/** A scan that the caller has to know of: the tarball is not what its integrity says, or cannot be read. */
export class ScanFailedError extends SafeInstallError {}

/**
 * Worker threads that scan packages, with a memory cap, a time limit each, and the verdict cache before them; the same
 * threads write packages into their folders.
 */
export class AnalyzerPool {
  readonly #options: Required<Omit<PoolOptions, 'home'>>;
  readonly #home: string | null;
  #opened: VerdictCache | undefined;
  readonly #slots: Slot[] = [];
  readonly #queue = new JobQueue();
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
    const outcome = await this.#submit({ work: 'scan', target }, bytesOf(target));
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

  /** Starts all threads, for packages will be written. */
  warmUp(): void {
    this.#writes = true;
    while (this.#slots.length < this.#options.workers) this.#start();
  }

  /** Lets as many of the threads that were started load the analyzer as there are tarballs to be read soon. */
  expect(scans: number): void {
    for (const slot of this.#slots.slice(0, scans)) {
      if (!slot.scans) slot.worker.postMessage(LOAD);
      slot.scans = true;
    }
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
    for (const pending of this.#queue.clear()) pending.reject(new Error('the pool was closed'));
    await Promise.all(this.#slots.splice(0).map((slot) => slot.worker.terminate()));
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
    return new Promise((resolve, reject) => {
      this.#queue.push({ job: { id: this.#nextId++, ...work }, bytes, resolve, reject });
      this.#dispatch();
    });
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

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const free = this.#slots.filter((slot) => slot.current === null);
      if (free.length === 0 && this.#slots.length === this.#options.workers) return;
      const underWay = this.#slots.reduce((sum, { current }) => sum + (current?.bytes ?? 0), 0);
      const pending = this.#queue.take(underWay);
      if (pending === undefined) return;
      const isScan = pending.job.work === 'scan';
      // One that has loaded the analyzer already, for a scan; one that has not, for anything else.
      const idle = free.find(({ scans }) => scans === isScan) ?? free[0] ?? this.#start();
      idle.scans ||= isScan;
      idle.current = pending;
      idle.worker.ref();
      idle.timer = setTimeout(
        () => this.#end(idle, `no verdict within ${Math.round(this.#options.timeoutMs / 1000)} s`),
        this.#options.timeoutMs,
      );
      idle.worker.postMessage(pending.job);
    }
  }

  #start(): Slot {
    const { rulesFolders, thresholds, heapMb, store } = this.#options;
    const setup: WorkerSetup = { rulesFolders, thresholds, store };
    const worker = takeWorker(heapMb);
    const slot: Slot = { worker, current: null, timer: null, scans: false };
    worker.on('message', (answer: Answer) => this.#answer(slot, answer));
    worker.on('error', (error) => this.#end(slot, reasonOf(error)));
    worker.on('exit', (code) => {
      if (this.#slots.includes(slot)) this.#end(slot, `its worker ended with code ${code}`);
    });
    worker.postMessage(setup);
    worker.unref();
    this.#slots.push(slot);
    return slot;
  }

  #answer(slot: Slot, answer: Answer): void {
    if ('unusable' in answer) {
      this.#giveUp(new ScanFailedError(answer.unusable.message, answer.unusable));
      return;
    }
    const pending = slot.current;
    if (pending === null || pending.job.id !== answer.id) return;
    this.#free(slot);
    if (!('error' in answer)) pending.resolve(answer);
    else pending.reject(new ScanFailedError(answer.error.message, answer.error));
    this.#dispatch();
  }

  /** Without valid rules no worker can work: everything that was asked for fails. */
  #giveUp(error: ScanFailedError): void {
    const pending = [...this.#slots.map(({ current }) => current), ...this.#queue.clear()];
    for (const slot of this.#slots.splice(0)) {
      this.#free(slot);
      void slot.worker.terminate();
    }
    for (const each of pending) each?.reject(error);
  }

  /** A worker that hangs, crashes or runs out of memory is replaced; its package gets `review`. */
  #end(slot: Slot, reason: string): void {
    const at = this.#slots.indexOf(slot);
    if (at >= 0) this.#slots.splice(at, 1);
    const pending = slot.current;
    this.#free(slot);
    // A thread that is ended may still be writing: whoever asked goes on when it is not.
    const ended = slot.worker.terminate();
    void ended.then(() => pending?.resolve({ limit: reason }));
    if (!this.#closed) this.#dispatch();
  }

  #free(slot: Slot): void {
    if (slot.timer !== null) clearTimeout(slot.timer);
    slot.timer = null;
    slot.current = null;
    slot.worker.unref();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'its worker failed';
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? 'its worker ran out of memory'
    : `its worker failed (${error.message.slice(0, 160)})`;
}

function bytesOf(target: AnalyzerTarget): number {
  return target.kind === 'tarball' ? (target.bytes ?? 0) : 0;
}
