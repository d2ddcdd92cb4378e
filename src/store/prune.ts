import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listStore, type StoredPack } from './inventory.js';
import { sourcesOfPack } from './store-path.js';

/** Until when packs are kept. */
export interface StoreLimits {
  /** Total size in bytes; the packs that were not used for the longest time go first. */
  bytes: number;
  /** Milliseconds without use after which a pack goes in any case. */
  unusedMs: number;
}

const DAY = 24 * 60 * 60 * 1000;

/** What an install keeps by itself. */
export const DEFAULT_STORE_LIMITS: StoreLimits = { bytes: 8 * 2 ** 30, unusedMs: 60 * DAY };

/** Removes packs beyond the limits, and what interrupted writes left behind an hour ago or earlier. */
export async function pruneStore(
  store: string,
  limits: StoreLimits,
  now: number,
): Promise<{ removed: number; bytes: number }> {
  const { packs, leftovers } = await listStore(store);
  const doomed: StoredPack[] = leftovers.filter(({ usedAt }) => now - usedAt > DAY / 24);
  let kept = 0;
  for (const pack of packs.sort((a, b) => b.usedAt - a.usedAt)) {
    if (now - pack.usedAt > limits.unusedMs || kept + pack.bytes > limits.bytes) doomed.push(pack);
    else kept += pack.bytes;
  }
  for (const { file } of doomed) {
    await rm(file, { force: true });
    // Projects keep what they share of it: a reflink or hard link does not need the other.
    await rm(sourcesOfPack(store, file), { recursive: true, force: true });
  }
  return { removed: doomed.length, bytes: doomed.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Prunes to the default limits when that was not done for a day; never fails, never keeps an install waiting for long. */
export async function pruneDaily(store: string, now: number): Promise<void> {
  const marker = join(dirname(store), 'pruned');
  try {
    const last = await stat(marker).catch(() => null);
    if (last !== null && now - last.mtimeMs < DAY) return;
    if (last === null) await writeFile(marker, '');
    else await utimes(marker, now / 1000, now / 1000);
    if (last !== null) await pruneStore(store, DEFAULT_STORE_LIMITS, now);
  } catch {
    // Without the marker or the right to remove something, the store stays as it is until tomorrow.
  }
}
