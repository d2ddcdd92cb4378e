import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import type { PlaceJob, PlaceModes, Share } from './place.js';
import type { PlaceResult } from './place-worker.js';
import { pruneDaily } from './prune.js';
import { packPath } from './store-path.js';

/** How the packages of one install reached their folders; the last two went through npm's own extraction. */
export interface PlacerCounts {
  placed: number;
  missing: number;
  damaged: number;
  failed: number;
}

/** Worker threads that write stored packages into their folders, for the time of one install. */
export interface Placer {
  /**
   * Writes the package of a tarball into an existing folder. For `missing` and `damaged` nothing was written (a damaged
   * pack is removed); after `failed` something may have been: the caller extracts the tarball as npm does, which begins
   * with emptying the folder.
   */
  place(integrity: string, folder: string, modes: PlaceModes, share?: Share): Promise<PlaceResult>;
  readonly counts: Readonly<PlacerCounts>;
  close(): Promise<void>;
}

// Writing is system time on one directory at a time; more threads than cores only wait for each other.
const MAX_THREADS = 4;

const NONE: PlacerCounts = { placed: 0, missing: 0, damaged: 0, failed: 0 };

/** Starts the threads; they load while the tree is still being resolved. */
export function startPlacer(store: string, worker = new URL('./place-worker.js', import.meta.url)): Placer {
  const filename = fileURLToPath(worker);
  if (!existsSync(filename)) {
    // Run from the sources there is no built worker; every package is extracted as npm does it.
    return { counts: { ...NONE }, place: async () => 'missing' as const, close: async () => undefined };
  }
  const threads = Math.max(1, Math.min(MAX_THREADS, availableParallelism()));
  const pool = new Tinypool({
    filename,
    minThreads: threads,
    maxThreads: threads,
  });
  const counts: PlacerCounts = { ...NONE };
  return {
    counts,
    place: async (integrity, folder, modes, share = 'reflink') => {
      const job: PlaceJob = { store, integrity, folder, modes, share };
      const result: PlaceResult = await pool.run(job);
      counts[result] += 1;
      if (result === 'damaged') await rm(packPath(store, integrity), { force: true });
      return result;
    },
    close: async () => {
      await pool.destroy();
      await pruneDaily(store, Date.now());
    },
  };
}
