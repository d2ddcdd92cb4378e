import { parentPort, workerData } from 'node:worker_threads';
import { placeStored } from '../../store/place-job.js';
import { keepCompiledCode, useCompiledCode } from './compiled-code.js';
import { type Answer, type Job, LOAD, type WorkerSetup, type WorkerStart } from './protocol.js';

// A thread that only writes packages into their folders loads little: the analyzer comes with the first scan, or on LOAD.
let setup: WorkerSetup | null = null;
let kept = false;
useCompiledCode((workerData as WorkerStart).compiledCode);
let analyzer: Promise<typeof import('./scan-job.js')> | null = null;

const loadAnalyzer = (): Promise<typeof import('./scan-job.js')> => {
  analyzer ??= import('./scan-job.js');
  return analyzer;
};

parentPort?.on('message', async (message: WorkerSetup | Job | typeof LOAD) => {
  if (message === LOAD) {
    const { prepare } = await loadAnalyzer();
    if (setup !== null) prepare(setup);
  } else if (!('work' in message)) setup = message;
  else if (setup !== null) {
    parentPort?.postMessage(await answer(message, setup));
    if (!kept && message.work === 'scan') {
      kept = true;
      keepCompiledCode();
    }
  }
});

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
