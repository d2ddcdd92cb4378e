import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** MiB of heap of one worker, where nobody says otherwise. */
export const HEAP_MB = 1_024;

let early: Worker | null = null;

/** Starts a worker before there is a pool: its code is loaded while the configuration is read. The next pool takes it. */
export function startEarlyWorker(): void {
  if (early !== null) return;
  const worker = makeWorker(HEAP_MB);
  worker.unref();
  // Until a pool listens, one that fails is one that was not started.
  worker.once('error', forget);
  worker.once('exit', forget);
  early = worker;
}

function forget(): void {
  early = null;
}

/** The worker that waits, or a new one; it works once it was sent its set-up. */
export function takeWorker(heapMb: number): Worker {
  if (early === null || heapMb !== HEAP_MB) return makeWorker(heapMb);
  const worker = early;
  worker.off('error', forget);
  worker.off('exit', forget);
  early = null;
  return worker;
}

function makeWorker(heapMb: number): Worker {
  return new Worker(workerFile(), { resourceLimits: { maxOldGenerationSizeMb: heapMb, stackSizeMb: 16 } });
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
