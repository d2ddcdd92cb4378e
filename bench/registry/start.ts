import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running loopback registry. */
export interface BenchRegistry {
  /** Base URL with a trailing slash. */
  url: string;
  close(): void;
}

/** Starts the loopback registry in its own process over a folder of kept packuments and tarballs. */
export async function startRegistry(folder: string): Promise<BenchRegistry> {
  const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the bench registry ended with code ${code}`)));
  });
  child.unref();
  return { url, close: () => child.kill() };
}
