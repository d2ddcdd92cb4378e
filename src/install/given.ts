import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this tool, Node and the machine: what a record of an install is true for, whatever the project. */
export function machineGiven(): string {
  const own = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return `${own}\0${process.version} ${process.platform} ${process.arch}\0`;
}

/** Hashes files of a folder with their names; one that is absent is not one that is empty. */
export function hashFiles(folder: string, names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) {
    const bytes = readOrNull(join(folder, name));
    hash.update(`\0${name} ${bytes === null ? 'absent' : bytes.length}\0`).update(bytes ?? '');
  }
  return hash.digest('hex');
}

/** JSON of a value with the keys of its objects in one order, whatever order they were made in. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, ordered);
}

function ordered(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
