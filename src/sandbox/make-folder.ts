import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SandboxRequestError } from './sandbox-errors.js';

/**
 * Makes a granted folder that is not there yet, as a cache is at the first install. What is made belongs to whom the folder
 * around it belongs to, also where root makes it.
 *
 * @returns the path
 * @throws SandboxRequestError where it cannot be made
 */
export function makeFolder(path: string): string {
  if (existsSync(path)) return path;
  const parent = makeFolder(dirname(path));
  try {
    mkdirSync(path);
    const { uid, gid } = statSync(parent);
    if (process.getuid?.() === 0) chownSync(path, uid, gid);
  } catch (cause) {
    throw new SandboxRequestError(`A granted folder cannot be made: ${(cause as Error).message}`, path, [
      'Make it by hand, or take it out of the grant.',
    ]);
  }
  return path;
}
