import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface LockedPackage {
  link?: boolean;
  resolved?: string;
}

/**
 * A stamp of an installed tree: the change times of every package's folder and of every folder that holds packages or bins.
 * npm trusts its hidden lock file by the same folders, and asks less (that they are not newer). Null where the tree cannot
 * be stamped: no hidden lock file, a missing folder, a linked or local package, whose content has a life of its own.
 */
export function stampTree(root: string): string | null {
  const packages = hiddenPackages(root);
  if (packages === null) return null;
  const folders = new Set<string>(['node_modules', 'node_modules/.bin']);
  for (const [location, { link, resolved }] of packages) {
    if (link === true || resolved?.startsWith('file:') === true) return null;
    folders.add(location);
    const holder = location.slice(0, location.lastIndexOf('node_modules/') + 'node_modules'.length);
    folders.add(holder).add(`${holder}/.bin`).add(dirname(location));
  }
  const hash = createHash('sha256');
  for (const folder of [...folders].sort()) {
    const stats = lstatSync(join(root, folder), { bigint: true, throwIfNoEntry: false });
    const absent = stats === undefined || !stats.isDirectory();
    if (absent && !folder.endsWith('/.bin')) return null;
    hash.update(`${folder}\0${absent ? '' : `${stats.mtimeNs} ${stats.ino}`}\0`);
  }
  return hash.digest('hex');
}

function hiddenPackages(root: string): [string, LockedPackage][] | null {
  try {
    const text = readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8');
    const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
    const entries = Object.entries(packages);
    return entries.every(([location]) => location.startsWith('node_modules/')) ? entries : null;
  } catch {
    return null;
  }
}
