import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `codeHash` is of the code that a bundle was made of (`scripts/bundle.mjs`); elsewhere there is no such name. */
declare const BUNDLED_CODE_HASH: string | undefined;
/** Versions of the packages whose code is in the bundle. */
declare const BUNDLED_VERSIONS: Readonly<Record<string, string>> | undefined;

let known: string | null = null;

/** Identifies the code that makes verdicts: a hash over the analyzer's own files and the parsers' versions. Part of the cache key. */
export function engineVersion(): string {
  if (known !== null) return known;
  const hash = createHash('sha256').update(typeof BUNDLED_CODE_HASH === 'string' ? BUNDLED_CODE_HASH : codeHash());
  const bundled = typeof BUNDLED_VERSIONS === 'object' ? BUNDLED_VERSIONS : {};
  for (const name of ['@babel/parser', 'unbash', 'tar', 'yaml'])
    hash.update(`${name}@${bundled[name] ?? versionOf(name)}`);
  known = hash.digest('hex').slice(0, 24);
  return known;
}

/** Hash over the analyzer's own files. */
export function codeHash(): string {
  const hash = createHash('sha256');
  const folder = fileURLToPath(new URL('.', import.meta.url));
  for (const file of codeFiles(folder)) hash.update(file.slice(folder.length)).update(readFileSync(file));
  // The score lies outside this folder: reports weigh with it, too.
  for (const name of ['score.js', 'score.ts']) hash.update(readIfThere(join(folder, '..', name)));
  return hash.digest('hex');
}

function readIfThere(file: string): Buffer {
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return codeFiles(path);
      return /(?<!\.d)\.[jt]s$/.test(entry.name) ? [path] : [];
    });
}

/** Version of an installed package, as this package resolves it. */
export function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  try {
    const { version } = require(`${name}/package.json`) as { version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
