import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Denial, denialPredicate, parseDenial } from './deny-log.js';

/** Follows the system's log for denials of one profile until it is stopped. A log that cannot be read gives none. */
export function followDenials(program: string, tag: string, onDenial: (denial: Denial) => void): { stop(): void } {
  const child: ChildProcess = spawn(program, ['stream', '--style', 'ndjson', '--predicate', denialPredicate(tag)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
  });
  child.on('error', () => {});
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const denial = parseDenial(line, tag);
    if (denial !== null) onDenial(denial);
  });
  return { stop: () => child.kill('SIGTERM') };
}
