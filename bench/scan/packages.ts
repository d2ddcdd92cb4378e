import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import contentPath from 'cacache/lib/content/path.js';
import ssri from 'ssri';
import { z } from 'zod';

/** A tarball or a folder that a run scans. */
export interface ScanTarget {
  id: string;
  path: string;
  kind: 'tarball' | 'folder';
}

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});

/** The packages of a lock file that stand in one of npm's caches, each integrity once; `missing` counts the others. */
export function packagesOfLock(file: string, caches: readonly string[]): { targets: ScanTarget[]; missing: number } {
  const lock = lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const known = new Map<string, ScanTarget | null>();
  for (const [location, { version, integrity }] of Object.entries(lock.packages)) {
    if (integrity === undefined || known.has(integrity)) continue;
    const strong = ssri.parse(integrity)['sha512']?.[0]?.toString();
    if (strong === undefined) continue;
    const path = caches.map((cache) => contentPath(cache, strong)).find((each) => existsSync(each));
    const name = location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length);
    known.set(integrity, path === undefined ? null : { id: `${name}@${version ?? ''}`, path, kind: 'tarball' });
  }
  const targets = [...known.values()].filter((target) => target !== null);
  return { targets, missing: known.size - targets.length };
}

/** Every `.tgz` of a folder. */
export function tarballsOf(folder: string): ScanTarget[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()
    .map((name) => ({ id: name.slice(0, -'.tgz'.length), path: resolve(folder, name), kind: 'tarball' }));
}

/** Every fixture of this repository, as `kind/id`. */
export function fixtureFolders(fixtures: string): ScanTarget[] {
  return ['malicious', 'benign'].flatMap((kind) =>
    readdirSync(join(fixtures, kind))
      .sort()
      .map((id): ScanTarget => ({ id: `${kind}/${id}`, path: join(fixtures, kind, id, 'package'), kind: 'folder' })),
  );
}
