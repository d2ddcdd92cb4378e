import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownTree } from './known-tree.js';

/** A record of half a megabyte is that of some 1,000 packages. */
const KEPT = 64;

/** Reads a known tree by its key; null where there is none, or none that can be read. */
export function readTree(stateDir: string, key: string): KnownTree | null {
  try {
    return JSON.parse(readFileSync(fileOf(stateDir, key), 'utf8')) as KnownTree;
  } catch {
    return null;
  }
}

/** Keeps a known tree, whole or not at all; the oldest make room. Without the record the next install resolves its tree. */
export function keepTree(stateDir: string, key: string, tree: KnownTree): void {
  const file = fileOf(stateDir, key);
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    mkdirSync(folderOf(stateDir), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify(tree), { mode: 0o600 });
    renameSync(temporary, file);
    dropOldest(folderOf(stateDir));
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** Forgets a tree that could not be written as it was known. */
export function forgetTree(stateDir: string, key: string): void {
  rmSync(fileOf(stateDir, key), { force: true });
}

function folderOf(stateDir: string): string {
  return join(stateDir, 'trees');
}

function fileOf(stateDir: string, key: string): string {
  return join(folderOf(stateDir), `${key}.json`);
}

function dropOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= KEPT) return;
  const dated = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  for (const { path } of dated.sort((a, b) => b.time - a.time).slice(KEPT / 2)) rmSync(path, { force: true });
}
