import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import PackageJson from '@npmcli/package-json';
import type { LifecycleEvent } from '../model.js';
import type { TreeNode } from '../resolve/index.js';
import { IMPLICIT_GYP } from './scripts-of.js';

/** One script of one node, ready to be run. */
export interface QueuedScript {
  node: TreeNode;
  event: LifecycleEvent;
  command: string;
  /** package.json as it stands in the unpacked package, for the script's environment. */
  manifest: Record<string, unknown>;
}

export type Queues = Record<LifecycleEvent, QueuedScript[]>;

/** Splits nodes into npm's two passes: packages (links of the linked strategy's store last), then links, whose targets are not built twice. */
export function splitPasses(nodes: readonly TreeNode[], global: boolean): { packages: TreeNode[]; links: TreeNode[] } {
  const store = nodes.filter((node) => node.isStoreLink === true);
  const links = nodes.filter((node) => node.isStoreLink !== true && node.isLink);
  const linked = new Set(global ? [] : links.map((link) => link.target));
  const packages = nodes.filter((node) => node.isStoreLink !== true && !node.isLink && !linked.has(node));
  return { packages: [...packages, ...store], links };
}

/** Sorts the scripts of nodes (and of what is bundled in them) into npm's queues. Texts come from the unpacked package, never from metadata. */
export async function buildQueues(
  nodes: readonly TreeNode[],
  withPrepare: (node: TreeNode) => boolean,
): Promise<Queues> {
  const queues: Queues = { preinstall: [], prepare: [], install: [], postinstall: [] };
  const all = [...new Set(nodes.flatMap(withBundled))].sort(byDepth);
  for (const node of all) {
    if (node.isLink && node.target.isInStore) {
      // Its scripts run at the store entry itself.
      continue;
    }
    const manifest = await manifestOnDisk(node);
    if (manifest === null) {
      continue;
    }
    const scripts = scriptsIn(manifest);
    const add = (event: LifecycleEvent, command: string | undefined): void => {
      if (command) {
        queues[event].push({ node, event, command, manifest });
      }
    };
    add('preinstall', scripts['preinstall']);
    if (withPrepare(node)) {
      add('prepare', scripts['prepare']);
    }
    const gyp = manifest['gypfile'] !== false && !scripts['install'] && !scripts['preinstall'];
    add('install', scripts['install'] ?? (gyp && (await hasBindingGyp(node)) ? IMPLICIT_GYP : undefined));
    add('postinstall', scripts['postinstall']);
  }
  return queues;
}

// npm looks into a package's package.json only where metadata speak of scripts, or are too old to speak of them.
async function manifestOnDisk(node: TreeNode): Promise<Record<string, unknown> | null> {
  const { package: metadata, hasInstallScript } = node.target;
  const { preinstall, install, postinstall, prepare } = metadata.scripts ?? {};
  const meta = node.root.meta;
  const old = meta?.loadedFromDisk === true && !((meta.originalLockfileVersion ?? 0) >= 2);
  const told = Boolean(preinstall || install || postinstall || prepare || hasInstallScript || old);
  if (!told && !(metadata.gypfile !== false && (await hasBindingGyp(node)))) {
    return null;
  }
  try {
    return (await PackageJson.normalize(node.target.path)).content as Record<string, unknown>;
  } catch {
    return null;
  }
}

function scriptsIn(manifest: Record<string, unknown>): Record<string, string> {
  const { scripts } = manifest;
  return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, string>) : {};
}

function withBundled(node: TreeNode): TreeNode[] {
  const bundled = node.package.bundleDependencies;
  if (bundled === undefined || bundled === false || (Array.isArray(bundled) && bundled.length === 0)) {
    return [node];
  }
  const inside = (parent: TreeNode): TreeNode[] =>
    [...parent.children.values()].filter((child) => child.inBundle).flatMap((child) => [...inside(child), child]);
  return [node, ...inside(node)];
}

async function hasBindingGyp(node: TreeNode): Promise<boolean> {
  const stats = await stat(join(node.target.path, 'binding.gyp')).catch(() => null);
  return stats?.isFile() === true;
}

// npm's order inside a phase. Nodes of the linked strategy have no depth; there the path decides.
function byDepth(a: TreeNode, b: TreeNode): number {
  return a.depth - b.depth || a.path.localeCompare(b.path, 'en');
}
