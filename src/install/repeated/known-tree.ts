import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchSettings } from '../../fetch/index.js';
import type { ArboristInstance, TreeNode } from '../../resolve/index.js';
import { sourceKind } from '../../resolve/package-node.js';
import { type RecordedTree, recordTree } from '../../resolve/recorded-tree.js';
import type { LifecycleScript } from '../../run/scripts-of.js';
import type { Gate } from '../gate.js';
import type { VersionBefore } from '../version-before.js';
import type { LogLine } from './tree-log.js';

/** What an install has found out that the next one from the same files would find out again. */
export interface KnownTree {
  tree: RecordedTree;
  /** What arborist said while it resolved the tree. */
  said: LogLine[];
  /** npm's hidden lock file, as it lies in node_modules. */
  hiddenLock: string;
  /** Whether a bare `install` leaves the lock file as it is. */
  lockStays: boolean;
  /** Base URL and `replace-registry-host`, as arborist has resolved npm's configuration. */
  registry: Pick<FetchSettings, 'registry' | 'replaceRegistryHost'>;
  /** By location, for packages that have any. */
  scripts: Record<string, LifecycleScript[]>;
  /** By location, the version that a package was compared with; null where there was none to compare with. */
  compared: Record<string, Pick<VersionBefore, 'version' | 'integrity' | 'from'> | null>;
}

/** What a tree that was written as a whole is known by. */
export interface Written {
  arborist: Pick<ArboristInstance, 'actualTree' | 'path'>;
  written: readonly TreeNode[];
  lockStays: boolean;
  said: LogLine[];
  gate: Pick<Gate, 'entryFor' | 'compared'>;
  fetch: FetchSettings;
}

/** Puts together what is known of a tree that was written; null where it needs more than can be kept, or not all of it was written. */
export function knowTree({ arborist, written, lockStays, said, gate, fetch }: Written): KnownTree | null {
  const tree = recordTree(arborist.actualTree, written);
  if (tree === null || !written.every((node) => sourceKind(node, fetch) === 'registry')) return null;
  const hiddenLock = readHiddenLock(arborist.path);
  if (hiddenLock === null || !listsOnly(hiddenLock, written)) return null;
  const scripts: KnownTree['scripts'] = {};
  for (const node of written) {
    const entry = gate.entryFor(node);
    if (entry === null) return null;
    if (entry.scripts.length > 0) scripts[node.location] = entry.scripts;
  }
  const compared = [...gate.compared].map(([location, found]) => [
    location,
    found && { version: found.version, integrity: found.integrity, from: found.from },
  ]);
  const { registry, replaceRegistryHost } = fetch;
  return {
    tree,
    said,
    hiddenLock,
    lockStays,
    registry: { registry, replaceRegistryHost },
    scripts,
    compared: Object.fromEntries(compared) as KnownTree['compared'],
  };
}

function readHiddenLock(root: string): string | null {
  try {
    return readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8');
  } catch {
    return null;
  }
}

function listsOnly(hiddenLock: string, written: readonly TreeNode[]): boolean {
  const { packages } = JSON.parse(hiddenLock) as { packages: Record<string, unknown> };
  const listed = Object.keys(packages);
  return listed.length === written.length && written.every(({ location }) => Object.hasOwn(packages, location));
}
