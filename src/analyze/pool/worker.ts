import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { placeStored } from '../../store/place-job.js';
import { keepCompiledCode, useCompiledCode } from './compiled-code.js';
import { type CompiledFile, loadCompiled } from './compiled-file.js';
import { type Answer, type Job, LOAD, type WorkerSetup, type WorkerStart } from './protocol.js';

type Analyzer = typeof import('./scan-job.js');

/** What `scan-job.ts` became in the bundle (`scripts/bundle.mjs`); elsewhere there is no such name. */
declare const BUNDLED_ANALYZER: string | undefined;

// A thread, which writes packages into their folders and loads little, or a process, which scans: the analyzer comes with the first scan, or
// on LOAD.
let setup: WorkerSetup | null = null;
let kept = false;
const { compiledCode } = (isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData) as WorkerStart;
useCompiledCode(compiledCode);
let compiled: CompiledFile | null = null;

async function loadAnalyzer(): Promise<Analyzer> {
  if (typeof BUNDLED_ANALYZER !== 'string') return import('./scan-job.js');
  const file = new URL(`../../bundle/${BUNDLED_ANALYZER}`, import.meta.url);
  compiled ??= loadCompiled(fileURLToPath(file), compiledCode);
  return compiled.exports as Analyzer;
}

(parentPort ?? process).on('message', async (message: WorkerSetup | Job | typeof LOAD) => {
  if (message === LOAD) {
    const { prepare } = await loadAnalyzer();
    prepare(setup);
  } else if (!('work' in message)) setup = message;
  else if (setup !== null) {
    const given = await answer(message, setup);
    // Who gets the answer may end this process.
    if (message.work === 'scan' && !kept) {
      kept = true;
      compiled?.keep();
      keepCompiledCode();
    }
    send(given);
  }
});

function send(given: Answer): void {
  if (parentPort !== null) parentPort.postMessage(given);
  else process.send?.(given);
}

async function answer(job: Job, setup: WorkerSetup): Promise<Answer> {
  if (job.work === 'scan') return (await loadAnalyzer()).scan(job.id, job.target, setup);
  if (job.work === 'keep') {
    const { keepUnpacked } = await import('./unpack-job.js');
    return { id: job.id, kept: setup.store !== null && keepUnpacked(setup.store, job.integrity, job.tarball) };
  }
  const fromStore = placeStored(job.place);
  if (fromStore !== null) return { id: job.id, placed: fromStore };
  const { placeUnpacked } = await import('./unpack-job.js');
  return { id: job.id, placed: placeUnpacked(job.place, job.tarball) };
}
