import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { readUmaskUntouched } from '../../store/umask.js';
import { compiledCodeFolder } from './compiled-code.js';
import { LOAD, type WorkerStart } from './protocol.js';
import { ScanProcess } from './scan-process.js';
import { workerUrl } from './worker-file.js';

/** MiB of heap of one worker, where nobody says otherwise. */
export const HEAP_MB = 1_024;

const early: Worker[] = [];
let earlyProcess: ScanProcess | null = null;

/** Threads and processes that work at the same time, where nobody says otherwise; more than cores only wait for each other. */
export function workerCount(): number {
  return Math.min(4, availableParallelism());
}

/** Starts threads that write before there is a pool: their code is loaded while the configuration is read. The next one that asks takes them. */
export function startEarlyWorkers(count: number): void {
  while (early.length < count) {
    const worker = makeWorker();
    worker.unref();
    // Until a pool listens, one that fails is one that was not started.
    worker.on('error', forget);
    worker.on('exit', forget);
    early.push(worker);
  }
}

/** Starts a process that scans, likewise, and lets it load the analyzer. */
export function startEarlyScan(): void {
  const started = new ScanProcess(HEAP_MB);
  earlyProcess = started;
  started.postMessage(LOAD);
  started.once('end', () => {
    if (earlyProcess === started) earlyProcess = null;
  });
}

function forget(this: Worker): void {
  const at = early.indexOf(this);
  if (at >= 0) early.splice(at, 1);
}

/** A thread that waits, or a new one; it works once it was sent its set-up. */
export function takeWorker(): Worker {
  const worker = early.shift();
  if (worker === undefined) return makeWorker();
  worker.off('error', forget);
  worker.off('exit', forget);
  return worker;
}

/** A process that waits, or a new one, likewise. */
export function takeScanProcess(heapMb: number): ScanProcess {
  const taken = heapMb === HEAP_MB ? earlyProcess : null;
  if (taken === null) return new ScanProcess(heapMb);
  earlyProcess = null;
  return taken;
}

function makeWorker(): Worker {
  readUmaskUntouched();
  const start: WorkerStart = { compiledCode: compiledCodeFolder() };
  return new Worker(workerUrl(), { workerData: start, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
}
