import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentVerdictKey } from '../../analyze/verdict-key.js';
import type { InstallOptions } from '../options.js';

const INPUTS = ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', join('node_modules', '.package-lock.json')];

/** Everything but node_modules that decides what a bare `install` does, as one hash: project, npm's configuration, policy, approvals, engine and rules, Node. */
export function fingerprintOf({ npm, policy, approvals, rulesFolders }: InstallOptions): string {
  const hash = createHash('sha256');
  const own = readFileSync(new URL('../../../package.json', import.meta.url));
  hash.update(own).update(`\0${process.version} ${process.platform} ${process.arch}\0`);
  hash.update(currentVerdictKey(rulesFolders)).update('\0');
  hash.update(JSON.stringify([npm.path, npm.flat, npm.saveIsSet, npm.allowScripts, policy, approvals], stable));
  for (const name of INPUTS) {
    const bytes = readOrNull(join(npm.path, name));
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
