import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One stored package file. */
export interface StoredPack {
  file: string;
  bytes: number;
  /** When it was last read or written, as far as the file system tells; milliseconds since 1970. */
  usedAt: number;
}

/** What lies in the store: packs, and files that an interrupted write left behind. */
export interface StoreInventory {
  packs: StoredPack[];
  leftovers: StoredPack[];
}

/** Lists the store; an absent store is an empty one. */
export async function listStore(store: string): Promise<StoreInventory> {
  const inventory: StoreInventory = { packs: [], leftovers: [] };
  for (const folder of await namesIn(store)) {
    for (const name of await namesIn(join(store, folder))) {
      const file = join(store, folder, name);
      const stats = await stat(file).catch(() => null);
      if (stats === null || !stats.isFile()) continue;
      const pack = { file, bytes: stats.size, usedAt: Math.max(stats.atimeMs, stats.mtimeMs) };
      if (/^[0-9a-f]{126}$/.test(name)) inventory.packs.push(pack);
      else inventory.leftovers.push(pack);
    }
  }
  return inventory;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
