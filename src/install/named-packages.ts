import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Arborist from '@npmcli/arborist';
import npa from 'npm-package-arg';
import pacote from 'pacote';
import semver from 'semver';
import { EXIT, SafeInstallError } from '../errors.js';
import type { FetchSettings } from '../fetch/index.js';
import { ArboristBase, type TreeNode } from '../resolve/index.js';
import { fetchSettings } from './fetch-settings.js';
import type { ScanOptions } from './options.js';

/** How packages that are named, and not at hand, are resolved and fetched. */
export function namedSettings({ npm }: Pick<ScanOptions, 'npm'>): FetchSettings {
  return fetchSettings(new ArboristBase({ ...npm.flat, path: npm.path, ignoreScripts: true, audit: false }), npm);
}

/** The package that a spec means now: asked of the registry, of git, or of wherever it points. */
export async function nodeOfSpec(spec: string, options: ScanOptions | Omit<ScanOptions, 'targets'>): Promise<TreeNode> {
  const parsed = npa(spec, options.cwd);
  const manifest = (await pacote.manifest(spec, {
    ...options.npm.flat,
    where: options.cwd,
    Arborist,
    ignoreScripts: true,
    fullMetadata: false,
  } as unknown as pacote.Options)) as unknown as Record<string, unknown> & { name: string; version: string };
  const { name, version, _resolved, _integrity } = manifest;
  const scripts = manifest['hasInstallScript'] === true;
  const node = {
    name,
    version,
    packageName: name,
    path: name,
    realpath: name,
    location: '',
    resolved: typeof _resolved === 'string' ? _resolved : null,
    integrity: typeof _integrity === 'string' ? _integrity : null,
    package: manifest,
    binPaths: [],
    isLink: false,
    isRoot: false,
    isProjectRoot: false,
    isInStore: false,
    isRootDependency: true,
    isRegistryDependency: parsed.registry === true,
    hasInstallScript: scripts,
    hasShrinkwrap: false,
    globalTop: false,
    inBundle: false,
    inDepBundle: false,
    optional: false,
    depth: 0,
    parent: null,
    children: new Map<string, TreeNode>(),
    edgesIn: new Set<TreeNode['edgesIn'] extends Set<infer Edge> ? Edge : never>(),
    edgesOut: new Map(),
    inventory: new Map<string, TreeNode>(),
    getBundler: () => null,
  };
  const self = node as unknown as TreeNode;
  return Object.assign(self, { target: self, root: self });
}

/** Every package that a lock file names, for whatever platform. */
export async function nodesOfLock(file: string, { npm }: Pick<ScanOptions, 'npm'>): Promise<TreeNode[]> {
  const standard = ['package-lock.json', 'npm-shrinkwrap.json'].includes(basename(file));
  const folder = standard ? dirname(file) : await mkdtemp(join(tmpdir(), 'safe-install-lock-'));
  try {
    if (!standard) {
      await copyFile(file, join(folder, 'package-lock.json'));
    }
    const arborist = new ArboristBase({ ...npm.flat, path: folder, ignoreScripts: true, audit: false });
    const tree = await arborist.loadVirtual();
    return [...tree.inventory.values()].filter((node) => !node.isLink && !node.isProjectRoot && !isLocal(node));
  } catch (error) {
    throw new SafeInstallError(`The lock file cannot be read: ${(error as Error).message}`, {
      code: 'ELOCKFILE',
      exitCode: EXIT.npm,
      where: file,
      next: ['Restore it from version control, or write it anew with safe-install --package-lock-only.'],
      cause: error,
    });
  } finally {
    if (!standard) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** The nodes of the project's tree that a spec names: as installed, else as locked. Empty where it names none of them. */
export async function nodesOfProject(spec: string, { npm, cwd }: Omit<ScanOptions, 'targets'>): Promise<TreeNode[]> {
  const { name, type, fetchSpec } = npa(spec, cwd);
  if (!name || !['version', 'range', 'tag'].includes(type)) {
    return [];
  }
  const arborist = new ArboristBase({ ...npm.flat, path: npm.path, ignoreScripts: true, audit: false });
  const load = async (): Promise<TreeNode | null> => {
    const actual = await arborist.loadActual().catch(() => null);
    return actual !== null && actual.inventory.size > 1 ? actual : arborist.loadVirtual().catch(() => null);
  };
  const wanted = type === 'tag' && fetchSpec === 'latest' ? '*' : (fetchSpec ?? '*');
  const tree = await load();
  return [...(tree?.inventory.values() ?? [])].filter(
    (node) =>
      !node.isLink &&
      !node.isProjectRoot &&
      !isLocal(node) &&
      (node.packageName === name || node.name === name) &&
      (wanted === '*' || semver.satisfies(node.version, wanted, { loose: true, includePrerelease: true })),
  );
}

// Folders of the project itself and of workspaces, and what comes inside another tarball, have no tarball of their own.
function isLocal(node: TreeNode): boolean {
  return node.inDepBundle || node.isWorkspace === true || !node.location.includes('node_modules');
}
