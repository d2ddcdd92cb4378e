import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { readUmaskUntouched } from '../../store/umask.js';
import { compiledCodeFolder } from './compiled-code.js';
import { compilePatiently } from './patient-compiler.js';
import { LOAD, type WorkerStart } from './protocol.js';

/** MiB of heap of one worker, where nobody says otherwise. */
export const HEAP_MB = 1_024;

const early: Worker[] = [];

/** Threads that work at the same time, where nobody says otherwise; more than cores only wait for each other. */
export function workerCount(): number {
  return Math.min(4, availableParallelism());
}

/**
 * Starts workers before there is a pool: their code is loaded while the configuration is read. The next pool takes them.
 * @param load whether there will be something to scan, so that they load the analyzer, too
 */
export function startEarlyWorkers(count: number, load: boolean): void {
  while (early.length < count) {
    const worker = makeWorker(HEAP_MB);
    if (load) worker.postMessage(LOAD);
    worker.unref();
    // Until a pool listens, one that fails is one that was not started.
    worker.on('error', forget);
    worker.on('exit', forget);
    early.push(worker);
  }
}

function forget(this: Worker): void {
  const at = early.indexOf(this);
  if (at >= 0) early.splice(at, 1);
}

/** A worker that waits, or a new one; it works once it was sent its set-up. */
export function takeWorker(heapMb: number): Worker {
  const worker = heapMb === HEAP_MB ? early.shift() : undefined;
  if (worker === undefined) return makeWorker(heapMb);
  worker.off('error', forget);
  worker.off('exit', forget);
  return worker;
}

function makeWorker(heapMb: number): Worker {
  compilePatiently();
  readUmaskUntouched();
  const start: WorkerStart = { compiledCode: compiledCodeFolder() };
  const resourceLimits = { maxOldGenerationSizeMb: heapMb, stackSizeMb: 16 };
  return new Worker(workerFile(), { workerData: start, resourceLimits });
}

/** The worker in one file; from the sources (tests, benches) it is TypeScript, which tsx loads. */
function workerFile(): URL {
  const built = new URL('./worker.js', import.meta.url);
  const bundled = new URL('../../bundle/analyzer.js', import.meta.url);
  for (const file of [bundled, built]) if (existsSync(fileURLToPath(file))) return file;
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const source = built.href.replace(/\.js$/, '.ts');
  const code = `import { register } from ${JSON.stringify(tsx.href)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
