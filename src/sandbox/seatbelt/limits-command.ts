import type { Limits } from '../sandbox.js';

/**
 * The words that run a shell command under the limits which the shell of macOS can set: processor time, file size, open files,
 * processes. Memory and bytes written in all have no such limit there; wall time is the runner's.
 */
export function limitedShell(command: string, limits: Limits): string[] {
  const set = [
    'ulimit -c 0',
    `ulimit -t ${limits.cpuSeconds}`,
    `ulimit -f ${Math.ceil(limits.fileBytes / 512)}`,
    `ulimit -n ${limits.openFiles}`,
    `ulimit -u ${limits.processes} 2>/dev/null || :`,
  ];
  return ['/bin/sh', '-c', `${set.join('; ')}; exec /bin/sh -c "$1"`, 'sh', command];
}
