import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { decodePack, type Pack, type PackFile } from './pack-format.js';
import { packPath } from './store-path.js';

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
}

/**
 * Writes a stored package into its folder, after hashing the pack. Same paths, bytes and modes as pacote's extraction
 * (`entryMode`, `noChmod`, no times). Synchronous, for worker threads; a file that exists already is an error.
 *
 * @throws DamagedPackError when the pack is not what was stored; ENOENT where there is none
 */
export function placePackage(job: PlaceJob): void {
  const bytes = readFileSync(packPath(job.store, job.integrity));
  writePack(decodePack(bytes, job.integrity), job.folder, job.modes);
}

/** Writes a decoded pack into an existing folder. */
export function writePack(pack: Pack, folder: string, modes: PlaceModes): void {
  const folderMode = 0o777 & ~modes.umask;
  for (const path of pack.folders) makeFolder(`${folder}/${path}`, folderMode);
  // package.json comes last: a package that was broken off has none, and the next install writes it anew.
  for (const { path, mode, content } of manifestLast(pack.files)) {
    const file = openSync(`${folder}/${path}`, 'wx', ((mode | modes.fmode) & ~modes.umask) | 0o600);
    try {
      let written = 0;
      while (written < content.byteLength) written += writeSync(file, content, written);
    } finally {
      closeSync(file);
    }
  }
}

function manifestLast(files: PackFile[]): PackFile[] {
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
