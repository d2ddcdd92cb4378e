import type { InstallOptions } from './options.js';

/** Whether a command writes what the lock file says into a node_modules of npm's usual form. */
export function goesByTheLock({ command, npm, link, signal }: InstallOptions): boolean {
  const { global, dryRun, packageLockOnly, packageLock, installStrategy, allowGitIgnore } = npm.flat;
  const usual = global !== true && packageLock !== false && installStrategy !== 'linked' && allowGitIgnore !== true;
  const writes = dryRun !== true && packageLockOnly !== true && link !== true && signal?.aborted !== true;
  return usual && writes && (command === 'ci' || command === 'install');
}
