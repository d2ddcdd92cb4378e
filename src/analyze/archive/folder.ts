import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { EXIT, SafeInstallError } from '../../errors.js';
import { DEFAULT_READ_LIMITS, type PackageFiles, type ReadLimits } from '../package-files.js';
import { FileCollector } from './collect.js';

/** A folder that was to be scanned cannot be read. */
export class FolderUnreadableError extends SafeInstallError {
  constructor(folder: string, cause: unknown) {
    super(`cannot read the folder ${folder}`, {
      code: 'EFOLDER',
      exitCode: EXIT.npm,
      where: folder,
      next: ['Check that the folder exists and that you may read it.'],
      cause,
    });
  }
}

/**
 * Reads an unpacked package. Links are not followed; `node_modules` holds other packages and is left out, except the
 * bundled ones, which belong to this package's tarball.
 *
 * @throws FolderUnreadableError when the folder itself cannot be read
 */
export function readFolder(
  folder: string,
  options: { limits?: Partial<ReadLimits>; bundled?: readonly string[] } = {},
): PackageFiles {
  const limits = { ...DEFAULT_READ_LIMITS, ...options.limits };
  const collector = new FileCollector(limits);
  try {
    if (!lstatSync(folder).isDirectory()) throw new Error('not a directory');
  } catch (cause) {
    throw new FolderUnreadableError(folder, cause);
  }
  const skipped = new Set(['.git/objects', '.git/logs']);
  const pending = [''];
  for (let at = pending.pop(); at !== undefined && !collector.full; at = pending.pop()) {
    for (const name of names(join(folder, at), at, collector)) {
      const path = at === '' ? name : posix.join(at, name);
      if (skipped.has(path) || (name === 'node_modules' && at === '')) {
        if (name === 'node_modules')
          pending.push(...(options.bundled ?? []).map((dep) => posix.join('node_modules', dep)));
        continue;
      }
      const kind = readOne(join(folder, path), path, limits, collector);
      if (kind === 'directory') pending.push(path);
    }
  }
  return collector.finish(null);
}

function names(full: string, at: string, collector: FileCollector): string[] {
  try {
    return readdirSync(full).sort();
  } catch {
    if (!at.startsWith('node_modules')) collector.problem('archive.unreadable', 'a folder that cannot be read', at);
    return [];
  }
}

function readOne(full: string, path: string, limits: ReadLimits, collector: FileCollector): 'directory' | 'other' {
  try {
    const stat = lstatSync(full);
    if (stat.isDirectory()) return 'directory';
    if (path.length > limits.pathLength) {
      collector.problem('archive.length', 'a path that is too long', path);
    } else if (stat.isSymbolicLink()) {
      const target = readlinkSync(full);
      collector.problem('archive.link', `a symbolic link to ${target}`, path);
    } else if (!stat.isFile()) {
      collector.problem('archive.special', 'neither a file nor a folder', path);
    } else if (collector.admit(stat.size, path)) {
      collector.add(path, readFileSync(full), stat.mode & 0o777);
    }
  } catch {
    collector.problem('archive.unreadable', 'a file that cannot be read', path);
  }
  return 'other';
}
