import { existsSync } from 'node:fs';

/** Words that ask for nothing to be done. */
const ONLY_ASKS = new Set(['--help', '-h', '-?', '--version', '-v']);

/** Starts a process that loads the analyzer where something of this machine is to be read; of what is fetched the verdict may be known. */
export async function processForScan(words: readonly string[]): Promise<void> {
  if (!words.some((word) => !word.startsWith('-') && existsSync(word))) return;
  await start(words, true);
}

/** Starts the threads of a command that writes packages in any case. */
export async function threadsForInstall(words: readonly string[]): Promise<void> {
  await start(words, false);
}

async function start(words: readonly string[], scan: boolean): Promise<void> {
  if (words.some((word) => ONLY_ASKS.has(word))) return;
  const { startEarlyScan, startEarlyWorkers, workerCount } = await import('../analyze/pool/early-worker.js');
  if (scan) startEarlyScan();
  // One core is left to this thread, which reads the configuration meanwhile.
  else startEarlyWorkers(Math.max(1, workerCount() - 1));
}
