import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import ssri from 'ssri';
import { z } from 'zod';
import { EXIT, SafeInstallError } from '../errors.js';
import type { PackageNode } from '../model.js';
import type { ScanTarget } from './options.js';

/** What a target of `scan` turned out to be. */
export type FoundTarget =
  | { kind: 'packages'; found: { node: PackageNode; target: ScanTarget }[] }
  | { kind: 'lock'; file: string }
  | { kind: 'spec'; spec: string };

const identity = z.object({
  name: z.string().catch('(unnamed)'),
  version: z.string().catch(''),
});

/** Nothing stands where the target points. */
export class NoSuchTargetError extends SafeInstallError {
  constructor(target: string, reason: string) {
    super(`${target} ${reason}.`, {
      code: 'ENOTARGET',
      exitCode: EXIT.npm,
      where: target,
      next: [
        'Name a package folder, a .tgz file, a package-lock.json, or a spec as npm takes it: name, name@version, …',
      ],
    });
  }
}

/** Finds out what a target is: a folder (one package, or a node_modules full of them), a tarball, a lock file, or a spec. */
export async function findTarget(target: string, cwd: string): Promise<FoundTarget> {
  const path = resolve(cwd, target);
  const stats = await stat(path).catch(() => null);
  // `lodash` beside a folder called lodash means the registry's, as with npm; `./lodash` means the folder.
  const isPath =
    /^(\.{1,2}(?:[\\/]|$)|[\\/~]|[A-Za-z]:[\\/]|file:)/.test(target) ||
    /[\\/]/.test(target.replace(/^@[^\\/]+[\\/]/, ''));
  if (stats === null) {
    if (/^(\.{1,2}[\\/]|[\\/])/.test(target) || isTarball(target)) {
      throw new NoSuchTargetError(target, 'is not there');
    }
    return { kind: 'spec', spec: target };
  }
  if (stats.isDirectory()) {
    const own = await isPackage(path);
    if (own) {
      return { kind: 'packages', found: [await folderTarget(path, cwd)] };
    }
    const inside = isPath || basename(path) === 'node_modules' ? await packagesIn(path) : [];
    if (inside.length === 0) {
      if (!isPath) {
        return { kind: 'spec', spec: target };
      }
      throw new NoSuchTargetError(target, 'holds no package.json');
    }
    return { kind: 'packages', found: await Promise.all(inside.map((folder) => folderTarget(folder, cwd))) };
  }
  if (isTarball(target)) {
    return { kind: 'packages', found: [await tarballTarget(path, cwd)] };
  }
  if (/(^|[-.])(package-lock|npm-shrinkwrap)\.json$/.test(basename(path))) {
    return { kind: 'lock', file: path };
  }
  throw new NoSuchTargetError(target, 'is neither a tarball nor an npm lock file');
}

async function folderTarget(folder: string, cwd: string): Promise<{ node: PackageNode; target: ScanTarget }> {
  const { name, version } = await identityOf(join(folder, 'package.json'));
  return {
    node: localNode(name, version, relative(cwd, folder) || '.', 'directory', null),
    target: { kind: 'folder', folder, source: 'directory', name, version },
  };
}

async function tarballTarget(file: string, cwd: string): Promise<{ node: PackageNode; target: ScanTarget }> {
  const { readTarballManifest } = await import('../fetch/index.js');
  const hashed = await ssri.fromStream(createReadStream(file), { algorithms: ['sha512'] });
  const integrity = hashed.toString();
  const { name, version } = await readTarballManifest(file);
  return {
    node: localNode(name, version, relative(cwd, file), 'file', integrity),
    target: { kind: 'tarball', file, integrity, source: 'file', name, version },
  };
}

function localNode(
  name: string,
  version: string,
  location: string,
  source: PackageNode['source'],
  integrity: string | null,
): PackageNode {
  return {
    name,
    version,
    location: location.replaceAll('\\', '/'),
    resolved: null,
    integrity,
    source,
    optional: false,
    dev: false,
    requestedBy: [],
  };
}

async function packagesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ name }) => {
        const path = join(folder, name);
        if (await isPackage(path)) {
          const nested = join(path, 'node_modules');
          const below = (await stat(nested).catch(() => null)) === null ? [] : await packagesIn(nested);
          return [path, ...below];
        }
        return name.startsWith('@') ? packagesIn(path) : [];
      }),
  );
  return found.flat();
}

async function isPackage(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'package.json')).catch(() => null))?.isFile() === true;
}

async function identityOf(file: string): Promise<z.infer<typeof identity>> {
  try {
    return identity.parse(JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, '')));
  } catch {
    return { name: '(unnamed)', version: '' };
  }
}

function isTarball(path: string): boolean {
  return /\.(tgz|tar\.gz|tar)$/.test(path);
}
