import type { Worker } from 'node:worker_threads';
import { takeScanProcess, takeWorker } from './early-worker.js';
import { JobQueue, type Outcome, type Pending } from './job-queue.js';
import { type Answer, type ErrorParts, LOAD, type WorkerSetup } from './protocol.js';
import { ScanProcess } from './scan-process.js';

export interface CrewOptions {
  setup: WorkerSetup;
  /** Those that work at the same time. */
  workers: number;
  /** Milliseconds for one job, then its worker is ended. */
  timeoutMs: number;
  /** MiB of heap of one process. */
  heapMb: number;
  /** An error of this text and parts, of which the caller has to know. */
  errorOf: (parts: ErrorParts) => Error;
}

/**
 * So many tarballs, if they are no larger together, wait for the process that scans already: one more takes nearly half a second of a
 * processor before it reads its first.
 */
const FEW_SCANS = 6;
const LITTLE_BYTES = 400 * 1024;

interface Slot {
  /** A process where it scans, for what is scanned may end it; a thread where it only writes. */
  worker: Worker | ScanProcess;
  scans: boolean;
  current: Pending | null;
  timer: NodeJS.Timeout | null;
}

/** Who does the jobs of a pool: processes that scan and threads that write, each with a memory cap, and a time limit for a job. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #slots: Slot[] = [];
  readonly #queue = new JobQueue();
  #closed = false;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  submit(job: Pending['job'], bytes: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, bytes, resolve, reject });
      this.#dispatch();
    });
  }

  /** Starts the threads that write. */
  startWriters(): void {
    while (this.#slots.filter(({ scans }) => !scans).length < this.#options.workers) this.#start(false);
  }

  /** Starts as many processes as there are tarballs to be read soon, and lets them load the analyzer. */
  startScanners(scans: number): void {
    const wanted = scans > FEW_SCANS ? this.#options.workers : Math.min(scans, 1);
    while (this.#slots.filter(({ scans }) => scans).length < wanted) this.#start(true).worker.postMessage(LOAD);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#queue.clear()) pending.reject(new Error('the pool was closed'));
    await Promise.all(this.#slots.splice(0).map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const busy = this.#slots.filter(({ current }) => current !== null);
      if (busy.length >= this.#options.workers) return;
      const underWay = busy.reduce((sum, { current }) => sum + (current?.bytes ?? 0), 0);
      const pending = this.#queue.take(underWay, this.#scansNow());
      if (pending === undefined) return;
      const isScan = pending.job.work === 'scan';
      const idle =
        this.#slots.find(({ scans, current }) => scans === isScan && current === null) ?? this.#start(isScan);
      idle.current = pending;
      idle.worker.ref();
      idle.timer = setTimeout(
        () => this.#end(idle, `no verdict within ${Math.round(this.#options.timeoutMs / 1000)} s`),
        this.#options.timeoutMs,
      );
      idle.worker.postMessage(pending.job);
    }
  }

  /** Whether a process is there to scan, or what waits is worth one more. */
  #scansNow(): boolean {
    const scanners = this.#slots.filter(({ scans }) => scans);
    if (scanners.length === 0 || scanners.some(({ current }) => current === null)) return true;
    const { count, bytes } = this.#queue.scans;
    return count > FEW_SCANS || bytes > LITTLE_BYTES;
  }

  #start(scans: boolean): Slot {
    const worker = scans ? takeScanProcess(this.#options.heapMb) : takeWorker();
    const slot: Slot = { worker, current: null, timer: null, scans };
    const end = (reason: string): void => {
      if (this.#slots.includes(slot)) this.#end(slot, reason);
    };
    worker.on('message', (given: Answer) => this.#answer(slot, given));
    if (worker instanceof ScanProcess) worker.on('end', end);
    else {
      worker.on('error', (error) => end(`its worker failed (${error.message.slice(0, 160)})`));
      worker.on('exit', (code) => end(`its worker ended with code ${code}`));
    }
    worker.postMessage(this.#options.setup);
    worker.unref();
    this.#slots.push(slot);
    return slot;
  }

  #answer(slot: Slot, answer: Answer): void {
    if ('unusable' in answer) {
      this.#giveUp(this.#options.errorOf(answer.unusable));
      return;
    }
    const pending = slot.current;
    if (pending === null || pending.job.id !== answer.id) return;
    this.#free(slot);
    if (!('error' in answer)) pending.resolve(answer);
    else pending.reject(this.#options.errorOf(answer.error));
    this.#dispatch();
  }

  /** Without valid rules no worker can work: everything that was asked for fails. */
  #giveUp(error: Error): void {
    const pending = [...this.#slots.map(({ current }) => current), ...this.#queue.clear()];
    for (const slot of this.#slots.splice(0)) {
      this.#free(slot);
      void slot.worker.terminate();
    }
    for (const each of pending) each?.reject(error);
  }

  /** One that hangs, crashes or runs out of memory is replaced; who waits for its job is told why. */
  #end(slot: Slot, reason: string): void {
    const at = this.#slots.indexOf(slot);
    if (at >= 0) this.#slots.splice(at, 1);
    const pending = slot.current;
    this.#free(slot);
    // One that is ended may still be writing: whoever asked goes on when it is not.
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
