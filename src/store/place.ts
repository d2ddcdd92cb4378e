import { closeSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { type ContentFile, contentsOf, type PackContents, withStoredPack } from './pack-contents.js';
import type { Pack } from './pack-format.js';
import { canClone, cloneFile, linkFile } from './sources.js';
import { packPath, sourcesPath } from './store-path.js';
import { currentUmask } from './umask.js';

/** Permissions as npm's configuration gives them to pacote; the process's own umask comes on top. */
export interface PlaceModes {
  fmode: number;
  dmode: number;
  umask: number;
}

/** pacote's defaults. */
export const DEFAULT_MODES: PlaceModes = { fmode: 0o666, dmode: 0o777, umask: 0 };

/** One package to be written. */
export interface PlaceJob {
  store: string;
  /** `sha512-…` of the tarball. */
  integrity: string;
  /** Absolute folder of the package; it exists and is empty, but for a node_modules that others write into. */
  folder: string;
  modes: PlaceModes;
  /** How files may be shared: none, blocks of large ones where the file system can (reflink), or whole files (hard links). */
  share?: Share;
  /** Whether the folder, which is not there yet, is to be made. */
  make?: boolean;
}

/** See `PlaceJob.share`. */
export type Share = 'none' | 'reflink' | 'link';

// Cloning a smaller file costs more than writing it (measured on btrfs and xfs).
const CLONE_FROM = 64 * 1024;

/**
 * Writes a stored package into its folder, after hashing the pack. Same paths, bytes and modes as pacote's extraction
 * (`entryMode`, `noChmod`, no times). Synchronous, for worker threads; a file that exists already is an error.
 *
 * @throws DamagedPackError when the pack is not what was stored; ENOENT where there is none
 */
export function placePackage(job: PlaceJob): void {
  withStoredPack(packPath(job.store, job.integrity), job.integrity, (contents) => placeContents(job, contents));
}

/** Writes a pack that was just unpacked into the job's folder. */
export function placePack(job: PlaceJob, pack: Pack): void {
  placeContents(job, contentsOf(pack));
}

function placeContents(job: PlaceJob, contents: PackContents): void {
  const sources = sourcesPath(job.store, job.integrity);
  if (job.make === true) mkdirSync(job.folder);
  writeContents(contents, job.folder, job.modes, { share: shareOf(job, contents), sources });
}

// Asking the file system costs something: only where there is a file that would be cloned.
function shareOf({ share = 'none', store, integrity, folder }: PlaceJob, { files }: PackContents): Share {
  if (share !== 'reflink') return share;
  const large = files.some(({ size }) => size >= CLONE_FROM);
  return large && canClone(packPath(store, integrity), folder) ? 'reflink' : 'none';
}

function writeContents(
  contents: PackContents,
  folder: string,
  modes: PlaceModes,
  { share, sources }: { share: Share; sources: string },
): void {
  // Where a file system once said that it cannot, it is not asked again for this package.
  let sharing = share;
  const umask = currentUmask();
  const folderMode = 0o777 & ~modes.umask;
  for (const path of contents.folders) makeFolder(`${folder}/${path}`, folderMode);
  // package.json comes last: a package that was broken off has none, and the next install writes it anew.
  for (const file of manifestLast(contents.files)) {
    const wanted = ((file.mode | modes.fmode) & ~modes.umask) | 0o600;
    const target = `${folder}/${file.path}`;
    if (sharing === 'link' || (sharing === 'reflink' && file.size >= CLONE_FROM)) {
      const source = `${sources}/${file.number}.${sharing}.${(wanted & ~umask).toString(8)}`;
      const shared = { source, target, content: contents.read(file), mode: wanted & ~umask };
      if (sharing === 'link' ? linkFile(shared) : cloneFile(shared)) continue;
      sharing = 'none';
    }
    const handle = openSync(target, 'wx', wanted);
    try {
      contents.write(file, handle);
    } finally {
      closeSync(handle);
    }
  }
}

function manifestLast(files: readonly ContentFile[]): ContentFile[] {
  const manifest = files.filter(({ path }) => path === 'package.json');
  return [...files.filter(({ path }) => path !== 'package.json'), ...manifest];
}

function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // A node_modules with nested packages may be there already, but a link would lead out of the package.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !lstatSync(path).isDirectory()) throw error;
  }
}
