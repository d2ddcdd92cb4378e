import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { writeAndClose } from './write-file.js';

/** A file of a package that is shared with others: by its blocks (reflink), or whole (hard link). */
export interface SharedFile {
  /** Absolute path of the source beside the store, of this content alone. */
  source: string;
  /** Where it goes; nothing stands there. */
  target: string;
  content: Uint8Array;
  /** Permissions, the process's umask already taken off. */
  mode: number;
}

// What these say when a file system, or a pair of them, cannot do it. ENOENT: the folder of sources could not be made.
const CANNOT = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'EINVAL', 'ENOSYS', 'EXDEV', 'EPERM', 'EMLINK', 'ENOENT']);

/**
 * Makes the target a copy that shares its blocks with the source (reflink): writes into either change only that one. The source
 * is compared with `content` before; where it is absent or differs, the target is written and a new source cloned from it.
 * For file systems of which `canClone` is true. False where it could not be done after all; nothing was written then.
 */
export function cloneFile({ source, target, content, mode }: SharedFile): boolean {
  if (holds(source, content, mode)) return tryTo(() => cloneInto(source, target));
  writeAndClose(openSync(target, 'wx', mode), content);
  // The target is good as it is: without a source the next project has to write, too.
  tryTo(() => replaceBy(source, (draft) => cloneInto(target, draft)));
  return true;
}

/** Whether a file can be cloned into a folder: tried, for nothing else tells. */
export function canClone(file: string, folder: string): boolean {
  const probe = draftOf(`${folder}/.safe-install`);
  try {
    return tryTo(() => cloneInto(file, probe));
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Makes the target another name of the source (hard link), read-only. The source is compared with `content` before each use:
 * one that somebody wrote into through another project is left to that project, and a new one made. False where the file
 * system cannot; nothing was written then.
 */
export function linkFile(file: SharedFile): boolean {
  const { source, target, content } = file;
  const mode = file.mode & ~0o222;
  return tryTo(() => {
    if (!holds(source, content, mode)) {
      replaceBy(source, (draft) => writeAndClose(openSync(draft, 'wx', mode), content));
    }
    linkSync(source, target);
  });
}

function replaceBy(source: string, make: (draft: string) => void): void {
  const draft = draftOf(source);
  mkdirSync(dirname(source), { recursive: true, mode: 0o700 });
  try {
    make(draft);
    renameSync(draft, source);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

// The copy gets the permissions of what it is a copy of.
function cloneInto(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
}

function holds(source: string, content: Uint8Array, mode: number): boolean {
  const stats = lstatSync(source, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size !== content.byteLength) return false;
  if ((stats.mode & 0o7777) !== mode) return false;
  return readFileSync(source).equals(content);
}

function draftOf(source: string): string {
  return `${source}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
}

function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (CANNOT.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
