import type { Limits } from '../sandbox.js';

/** The programs that start a script. */
export interface Starters {
  bwrap: string;
  setpriv: string;
  /** Null where there is none: then only the helper's watch keeps the limits. */
  prlimit: string | null;
}

/** Tasks that one process of a build may have: Node alone has eleven threads. */
export const THREADS_PER_PROCESS = 4;

/** The helper's watch says which limit struck; the kernel's own bounds lie a little higher, for what it is too slow for. */
const SLACK = 1.25;

/** The bounds that the kernel keeps for each process. */
export function limitArguments(limits: Limits): string[] {
  return [
    '--core=0',
    `--nproc=${limits.processes * THREADS_PER_PROCESS}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    `--cpu=${Math.ceil(limits.cpuSeconds * SLACK)}`,
    `--data=${Math.ceil(limits.memoryBytes * SLACK)}`,
  ];
}

/** True where the kernel would be told the same for both. */
export function haveSameBounds(a: Limits, b: Limits): boolean {
  return limitArguments(a).join(' ') === limitArguments(b).join(' ');
}

/** A command with its limits. */
export function limitedCommand(prlimit: string | null, limits: Limits, command: readonly string[]): string[] {
  return prlimit === null ? [...command] : [prlimit, ...limitArguments(limits), '--', ...command];
}
