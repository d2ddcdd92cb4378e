import { readFile, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { listStore } from './inventory.js';
import { decodePack } from './pack-format.js';

/** Reads every pack whole, compares its hash, and removes the damaged ones. */
export async function verifyStore(store: string): Promise<{ checked: number; removed: string[] }> {
  const { packs } = await listStore(store);
  const removed: string[] = [];
  for (const { file } of packs) {
    try {
      decodePack(await readFile(file), integrityOfPath(file));
    } catch {
      await rm(file, { force: true });
      removed.push(file);
    }
  }
  return { checked: packs.length, removed };
}

function integrityOfPath(file: string): string {
  const hex = basename(dirname(file)) + basename(file);
  return `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
}
