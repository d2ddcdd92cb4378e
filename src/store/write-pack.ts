import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodePack, type Pack } from './pack-format.js';
import { packTarball, type ScannedTarball } from './pack-tarball.js';
import { packPath } from './store-path.js';

/**
 * Puts a scanned tarball into the store, whole or not at all: into a temporary file, then renamed. Synchronous, for
 * worker threads. Returns false where nothing was stored: the tarball is none for the store, or the disk would not have it.
 */
export function storeTarball(store: string, tarball: ScannedTarball): boolean {
  if (tarball.integrity === null) return false;
  if (isStored(store, tarball.integrity)) return true;
  const pack = packTarball(tarball);
  return pack !== null && storePack(store, pack);
}

/** Whether the store has the package of a tarball; whether it is whole is looked at when it is used. */
export function isStored(store: string, integrity: string): boolean {
  return existsSync(packPath(store, integrity));
}

/** Bytes of a tarball's package in the store; null where the store has it not. */
export function storedBytes(store: string, integrity: string): number | null {
  return statSync(packPath(store, integrity), { throwIfNoEntry: false })?.size ?? null;
}

/** Puts a pack into the store; false where the disk would not have it. */
export function storePack(store: string, pack: Pack): boolean {
  const target = packPath(store, pack.integrity);
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeAndRename(pack, target);
    return true;
  } catch {
    // The store only saves time: without it npm's own extraction does the work.
    return false;
  }
}

function writeAndRename(pack: Pack, target: string): void {
  const temporary = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx', 0o400);
  try {
    writeAll(file, encodePack(pack));
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

// Linux takes at most 1024 buffers at once, and may write less than it was given.
function writeAll(file: number, parts: Uint8Array[]): void {
  let pending = parts.filter((part) => part.byteLength > 0);
  while (pending.length > 0) {
    let written = writevSync(file, pending.slice(0, 1024));
    let done = 0;
    while (done < pending.length && written >= (pending[done]?.byteLength ?? 0)) {
      written -= pending[done]?.byteLength ?? 0;
      done += 1;
    }
    const first = pending[done];
    pending =
      first !== undefined && written > 0 ? [first.subarray(written), ...pending.slice(done + 1)] : pending.slice(done);
  }
}
