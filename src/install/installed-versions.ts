import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** One package that stands in node_modules. */
export interface InstalledVersion {
  name: string;
  version: string;
  /** Path in the tree, e.g. `node_modules/a`. */
  location: string;
  /** Null where the tree does not say it. */
  integrity: string | null;
}

const entry = z
  .object({
    name: z.string().optional(),
    version: z.string().optional(),
    integrity: z.string().optional(),
    link: z.boolean().optional(),
  })
  .catch({});
const hiddenLock = z.object({ packages: z.record(z.string(), entry) });
const manifest = z.object({ name: z.string(), version: z.string() });

/** What npm's hidden lock file lists below a root; empty where there is none, or it is damaged. See `onDisk`. */
export async function listedVersions(root: string): Promise<InstalledVersion[]> {
  const found = hiddenLock.safeParse(await readJson(join(root, 'node_modules', '.package-lock.json')));
  if (!found.success) {
    return [];
  }
  return Object.entries(found.data.packages).flatMap(([location, { name, version, integrity, link }]) => {
    const own = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(location)?.[1];
    return own === undefined || version === undefined || link === true
      ? []
      : [{ name: name ?? own, version, location, integrity: integrity ?? null }];
  });
}

/** What really stands at a listed place: npm writes the hidden lock file also when it has changed no more than the lock. */
export async function onDisk(
  root: string,
  listed: Pick<InstalledVersion, 'location'> & Partial<InstalledVersion>,
): Promise<InstalledVersion | null> {
  const found = manifest.safeParse(await readJson(join(root, listed.location, 'package.json')));
  if (!found.success) {
    return null;
  }
  const { name, version } = found.data;
  const isListed = listed.version === version;
  return { name, version, location: listed.location, integrity: isListed ? (listed.integrity ?? null) : null };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}
