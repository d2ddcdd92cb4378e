import { readFileSync } from 'node:fs';
import { type PlaceJob, type PlaceResult, placeTarball } from '../../store/place-job.js';
import { storeTarball } from '../../store/write-pack.js';
import { readTarball } from '../archive/index.js';
import { InflateMemory } from '../archive/inflate.js';

// Jobs of a thread follow one another, and keep nothing of what they read.
const memory = new InflateMemory();

/**
 * Unpacks a tarball whose verdict is known, keeps it in the store, and writes it into its folder. Its bytes are hashed before
 * anything is written: what is not of the job's integrity is `failed`, and npm's own extraction then says why.
 */
export function placeUnpacked(job: PlaceJob, tarball: string): PlaceResult {
  try {
    const files = readTarball(readFileSync(tarball), { integrity: job.integrity, where: tarball, memory });
    return placeTarball(job, files) ? 'unpacked' : 'failed';
  } catch {
    return 'failed';
  }
}

/** Unpacks a tarball of this integrity into the store; false where it cannot be kept there. */
export function keepUnpacked(store: string, integrity: string, tarball: string): boolean {
  try {
    return storeTarball(store, readTarball(readFileSync(tarball), { integrity, where: tarball }));
  } catch {
    return false;
  }
}
