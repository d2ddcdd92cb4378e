import { rmSync } from 'node:fs';
import { packTarball, type ScannedTarball } from './pack-tarball.js';
import { type PlaceJob, placePack, placePackage } from './place.js';
import { packPath } from './store-path.js';
import { storePack } from './write-pack.js';

export type { PlaceJob } from './place.js';

/** How a package reached its folder. After `failed` something may have been written: npm's extraction begins with emptying it. */
export type PlaceResult = 'placed' | 'unpacked' | 'failed';

/** Writes a package of the store into its folder; null where the store has it not (a damaged pack is removed): nothing was written. */
export function placeStored(job: PlaceJob): PlaceResult | null {
  try {
    placePackage(job);
    return 'placed';
  } catch (error) {
    if (error instanceof Error && error.name === 'DamagedPackError') {
      rmSync(packPath(job.store, job.integrity), { force: true });
      return null;
    }
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'failed';
  }
}

/**
 * Keeps a tarball that was read, of the job's integrity, in the store, and writes it into its folder; it is not read again for
 * that. False where it is none for the store: nothing was written then.
 */
export function placeTarball(job: PlaceJob, tarball: ScannedTarball): boolean {
  if (tarball.integrity !== job.integrity) return false;
  const pack = packTarball(tarball);
  if (pack === null) return false;
  storePack(job.store, pack);
  placePack(job, pack);
  return true;
}
