import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const projects = fileURLToPath(new URL('../projects', import.meta.url));

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      name: z.string().optional(),
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      inBundle: z.boolean().optional(),
    }),
  ),
});

/** Folder for what benches keep between runs (registry content, tools): SAFE_INSTALL_BENCH_CACHE or the user's cache. */
export function benchCache(): string {
  return process.env['SAFE_INSTALL_BENCH_CACHE'] ?? join(homedir(), '.cache', 'safe-install-bench');
}

/** Folder that benches install into: SAFE_INSTALL_BENCH_FOLDER (a disk with a journalled file system) or the one for temporary files. */
export function benchFolder(): string {
  return process.env['SAFE_INSTALL_BENCH_FOLDER'] ?? tmpdir();
}

/** Names of the projects under bench/projects, smallest first. */
export async function projectNames(): Promise<string[]> {
  const names = (await readdir(projects, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
  const sized = await Promise.all(
    names.map(async (name) => ({ name, size: (await readFile(join(projects, name, 'package-lock.json'))).length })),
  );
  return sized.sort((a, b) => a.size - b.size).map(({ name }) => name);
}

/**
 * Lays a project into an empty folder. The kept locks have no `resolved` (no registry's host stands in this repository);
 * people's locks do, and npm is half as fast again without, so the loopback registry's URLs are put in.
 */
export async function layProject(name: string, folder: string, registryUrl: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(projectFolder(name), 'package.json'), join(folder, 'package.json'));
  const lock = await readLock(name);
  for (const [location, entry] of Object.entries(lock.packages)) {
    if (!location.includes('node_modules/') || entry.link || entry.inBundle || entry.version === undefined) continue;
    const packageName = entry.name ?? location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const base = packageName.slice(packageName.indexOf('/') + 1);
    const { name: alias, version, ...rest } = entry;
    const resolved = entry.resolved ?? `${registryUrl}${packageName}/-/${base}-${version}.tgz`;
    lock.packages[location] = { ...(alias === undefined ? {} : { name: alias }), version, resolved, ...rest };
  }
  // In npm's own order, as people's are: one in another order is written anew by the first install.
  const { packages, ...head } = lock;
  await writeFile(join(folder, 'package-lock.json'), `${JSON.stringify({ ...head, packages }, null, 2)}\n`);
}

/**
 * Moves what stands at a path into a folder `aside` beside it, to be removed when everything was measured. ext4 without a journal
 * passes over every inode that was freed within the last minutes (`recently_deleted`): after trees were removed, two thirds of the
 * CPU of a warm install went there, 7 s in the place of 1.
 */
export async function putAside(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const aside = join(dirname(path), 'aside');
  await mkdir(aside, { recursive: true });
  await rename(path, join(await mkdtemp(join(aside, 'once-')), basename(path)));
}

/** How many packages a project's lock file names. */
export async function packagesOf(name: string): Promise<number> {
  return Object.keys((await readLock(name)).packages).length - 1;
}

// Projects that are made, not kept, lie in the benches' cache.
function projectFolder(name: string): string {
  const kept = join(projects, name);
  return existsSync(kept) ? kept : join(benchCache(), 'projects', name);
}

async function readLock(name: string): Promise<z.infer<typeof lockSchema>> {
  return lockSchema.parse(JSON.parse(await readFile(join(projectFolder(name), 'package-lock.json'), 'utf8')));
}

/** How many packages the hidden lock file of an installed project names; 0 where nothing is installed. */
export async function installedPackages(folder: string): Promise<number> {
  const file = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return 0;
  return Object.keys(lockSchema.parse(JSON.parse(await readFile(file, 'utf8'))).packages).length;
}
