import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentVerdictKey } from '../../analyze/verdict-key.js';
import type { InstallOptions } from '../options.js';

// What an install writes even where it has nothing to do: npm brings lock files into its own form.
const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', join('node_modules', '.package-lock.json')];

/** What decides what a bare `install` does, but for the tree itself, in two hashes. */
export interface Fingerprint {
  /** What no install writes: package.json, npm's configuration, policy, approvals, engine and rules, Node. */
  given: string;
  /** Of that, engine and rules. */
  rules: string;
  /** The lock files. */
  locks: string;
}

/**
 * Takes the fingerprint of an install as things are now.
 * @param rules engine and rules, where they were looked at before: later ones are not those that this install goes by
 */
export function fingerprintOf(
  { npm, policy, approvals, rulesFolders }: InstallOptions,
  rules = currentVerdictKey(rulesFolders),
): Fingerprint {
  const hash = createHash('sha256');
  const own = readFileSync(new URL('../../../package.json', import.meta.url));
  hash.update(own).update(`\0${process.version} ${process.platform} ${process.arch}\0`);
  hash.update(rules).update('\0');
  hash.update(JSON.stringify([npm.path, npm.flat, npm.saveIsSet, npm.allowScripts, policy, approvals], stable));
  const given = hash.update(hashFiles(npm.path, ['package.json'])).digest('hex');
  return { given, rules, locks: hashFiles(npm.path, LOCKS) };
}

function hashFiles(folder: string, names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) {
    const bytes = readOrNull(join(folder, name));
    hash.update(`\0${name} ${bytes === null ? 'absent' : bytes.length}\0`).update(bytes ?? '');
  }
  return hash.digest('hex');
}

// Objects with their keys in one order, whatever order they were made in.
function stable(_key: string, value: unknown): unknown {
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
