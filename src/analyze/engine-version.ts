import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | null = null;

/** Identifies the code that makes verdicts: a hash over the analyzer's own files and the parsers' versions. Part of the cache key. */
export function engineVersion(): string {
  if (known !== null) return known;
  const hash = createHash('sha256');
  const folder = fileURLToPath(new URL('.', import.meta.url));
  for (const file of codeFiles(folder)) hash.update(file.slice(folder.length)).update(readFileSync(file));
  // The score lies outside this folder: reports weigh with it, too.
  for (const name of ['score.js', 'score.ts']) hash.update(readIfThere(join(folder, '..', name)));
  const require = createRequire(import.meta.url);
  for (const name of ['@babel/parser', 'unbash', 'tar', 'yaml']) hash.update(`${name}@${versionOf(require, name)}`);
  known = hash.digest('hex').slice(0, 24);
  return known;
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

function versionOf(require: NodeJS.Require, name: string): string {
  try {
    const { version } = require(`${name}/package.json`) as { version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
