import { readFileSync } from 'node:fs';

let known: number | null = null;

/**
 * The process's umask, without touching it: `process.umask()` sets it to 0 and back to read it, for all threads, and a file that
 * another thread makes in between is writable by everybody (Node's documentation, DEP0139). Linux tells it in /proc; elsewhere
 * it is asked for once.
 */
export function currentUmask(): number {
  known ??= fromStatus() ?? process.umask();
  return known;
}

function fromStatus(): number | null {
  try {
    const line = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line === null ? null : Number.parseInt(line[1] as string, 8);
  } catch {
    return null;
  }
}
