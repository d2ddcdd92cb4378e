import { readFileSync } from 'node:fs';

const ask = process.umask.bind(process) as { (): number; (mask: string | number): number };
let known: number | null = null;

/**
 * The process's umask, without touching it: `process.umask()` sets it to 0 and back to read it, for all threads, and a file that
 * another thread makes in between is writable by everybody (Node's documentation, DEP0139). Linux tells it in /proc; elsewhere
 * it is asked for once.
 */
export function currentUmask(): number {
  known ??= fromStatus() ?? ask();
  return known;
}

/**
 * Makes `process.umask()` tell what `currentUmask` tells, for all code of this process: bin-links reads it when it is loaded, node-tar
 * with each extraction, and both may happen while a thread writes. To be called before a thread that writes is started.
 */
export function readUmaskUntouched(): void {
  process.umask = (mask?: string | number): number => {
    if (mask === undefined) return currentUmask();
    const before = ask(mask);
    known = null;
    return before;
  };
}

function fromStatus(): number | null {
  try {
    const line = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line === null ? null : Number.parseInt(line[1] as string, 8);
  } catch {
    return null;
  }
}
