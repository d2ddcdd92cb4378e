import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  integrity?: unknown;
  resolved?: unknown;
  link?: boolean;
  inBundle?: boolean;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  peer?: boolean;
}

const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * Integrities of the registry packages that an install by the lock file would probably write, one for each place; none where there is no
 * lock file that can be read. Only a guess, for work that is done ahead: what is installed is arborist's to say.
 *
 * @param fresh whether everything is written, as `ci` does; else what the hidden lock file says is there already is left out
 */
export function lockedPackages(root: string, omit: readonly string[], fresh: boolean): string[] {
  const locked = packagesOf(join(root, 'npm-shrinkwrap.json')) ?? packagesOf(join(root, 'package-lock.json')) ?? {};
  const present = fresh ? {} : (packagesOf(join(root, 'node_modules', '.package-lock.json')) ?? {});
  const integrities: string[] = [];
  for (const [location, entry] of Object.entries(locked)) {
    // What is no package is arborist's to complain of.
    if (typeof entry !== 'object' || entry === null) continue;
    const { integrity, resolved, link, inBundle } = entry;
    const fetched = resolved === undefined || (typeof resolved === 'string' && /^https?:/.test(resolved));
    if (typeof integrity !== 'string' || !SHA512.test(integrity) || !fetched) continue;
    if (link === true || inBundle === true || isOmitted(entry, omit)) continue;
    if (present[location]?.integrity !== integrity) integrities.push(integrity);
  }
  return integrities;
}

function isOmitted({ dev, optional, devOptional, peer }: LockedPackage, omit: readonly string[]): boolean {
  const [noDev, noOptional, noPeer] = ['dev', 'optional', 'peer'].map((type) => omit.includes(type));
  return Boolean(
    (dev && noDev) || (optional && noOptional) || (devOptional && noDev && noOptional) || (peer && noPeer),
  );
}

function packagesOf(file: string): Record<string, LockedPackage | null> | null {
  try {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Record<string, LockedPackage | null> };
    return packages ?? null;
  } catch {
    return null;
  }
}
