import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ControlResult, ProbeResult } from './probe.js';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');

export type Identity = 'root' | 'user' | 'self';

/** Who probes can run as here: as root both root and a throw-away user, else only ourselves. */
export const identities: Identity[] = process.getuid?.() === 0 ? ['root', 'user'] : ['self'];

/**
 * Runs probes, then controls, in a world of their own and gives their results.
 *
 * @param what `all`, or a pattern of names.
 * @param other module of this repository that opens another sandbox to compare with.
 */
export async function runProbes(
  identity: Identity,
  what: string,
  other?: string,
): Promise<(ProbeResult | ControlResult)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'si-results-'));
  const results = join(folder, 'results');
  writeFileSync(results, '');
  chmodSync(folder, 0o755);
  chmodSync(results, 0o666);
  const own = identity === 'self' ? ['-U', '-r'] : [];
  const tsx = join(root, 'node_modules/tsx/dist/esm/index.mjs');
  try {
    await run(
      'unshare',
      [...own, '-n', '-m', process.execPath, '--import', tsx, join(here, 'world-main.ts'), identity, results, what],
      {
        cwd: '/',
        maxBuffer: 64 * 1024 * 1024,
        env: other === undefined ? process.env : { ...process.env, SI_OTHER: other },
      },
    );
    const lines = readFileSync(results, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ProbeResult | ControlResult);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
