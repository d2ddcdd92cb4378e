import type { PackageManifest, TreeEdge, TreeNode } from './arborist-internals.js';

/** One package of a tree that arborist has resolved, as far as anybody but arborist asks. */
export interface RecordedNode {
  location: string;
  name: string;
  packageName: string | null;
  resolved: string | null;
  integrity: string;
  depth: number;
  /** Of its manifest what links bins and tells of scripts. */
  package: PackageManifest;
  hasInstallScript: boolean;
  isRegistryDependency: boolean;
  optional: boolean;
  dev: boolean;
  devOptional: boolean;
  peer: boolean;
  /** Who asks for it, by number among the nodes (the project is -1), and how. */
  edgesIn: [from: number, spec: string, type: string][];
}

/** A tree of registry packages that lie below one project, without arborist. */
export interface RecordedTree {
  root: { name: string; packageName: string | null; version: string; lockfileVersion: number };
  nodes: RecordedNode[];
}

/**
 * Records a resolved tree, so that nodes can be made of it without arborist. Null for trees that need more of it: links, workspaces,
 * bundled packages, shrinkwraps inside packages, other sources than a registry, hashes weaker than SHA-512, edges that are not met.
 *
 * @param root the project
 * @param written the nodes of its tree that were written
 */
export function recordTree(root: TreeNode | null, written: readonly TreeNode[]): RecordedTree | null {
  if (root === null || root.isLink || root.package['workspaces'] !== undefined) return null;
  const numbers = new Map(written.map((node, number) => [node, number]));
  if (numbers.size !== written.length || !written.every(isPlain)) return null;
  const nodes: RecordedNode[] = [];
  for (const node of written) {
    const edgesIn: RecordedNode['edgesIn'] = [];
    for (const { from, spec, type, valid } of node.edgesIn) {
      const number = from === null ? undefined : from === root ? -1 : numbers.get(from);
      if (!valid) return null;
      // Who is not written asks for nothing.
      if (number !== undefined) edgesIn.push([number, spec, type]);
    }
    nodes.push(recordNode(node, edgesIn));
  }
  const { name, packageName, version, meta } = root;
  return { root: { name, packageName, version, lockfileVersion: meta?.originalLockfileVersion ?? 0 }, nodes };
}

function isPlain(node: TreeNode): boolean {
  const { isLink, inBundle, hasShrinkwrap, inert, integrity, resolved, package: manifest } = node;
  const { bundleDependencies } = manifest;
  const bundles = Array.isArray(bundleDependencies) ? bundleDependencies.length > 0 : bundleDependencies === true;
  const isLocated =
    node.location.startsWith('node_modules/') && node.location.split('/').every((part) => part !== '..');
  const isFetched = resolved === null || resolved === undefined || /^https?:/.test(resolved);
  const isPinned = integrity?.includes('sha512-') === true;
  return !isLink && !inBundle && !hasShrinkwrap && inert !== true && !bundles && isLocated && isFetched && isPinned;
}

function recordNode(node: TreeNode, edgesIn: RecordedNode['edgesIn']): RecordedNode {
  const { name, version, bin, scripts, gypfile } = node.package;
  return {
    location: node.location,
    name: node.name,
    packageName: node.packageName,
    resolved: node.resolved ?? null,
    integrity: String(node.integrity),
    depth: node.depth,
    package: {
      ...(name === undefined ? {} : { name }),
      ...(version === undefined ? {} : { version }),
      ...(bin === undefined ? {} : { bin }),
      ...(scripts === undefined ? {} : { scripts }),
      ...(gypfile === undefined ? {} : { gypfile }),
    },
    hasInstallScript: node.hasInstallScript,
    isRegistryDependency: node.isRegistryDependency,
    optional: node.optional,
    dev: node.dev === true,
    devOptional: node.devOptional === true,
    peer: node.peer === true,
    edgesIn,
  };
}

/** Nodes of a recorded tree below a project's folder, in the order in which they were recorded. */
export function nodesOfRecord({ root: recorded, nodes: all }: RecordedTree, path: string): TreeNode[] {
  const root = bareNode(path, '', recorded.name, recorded.packageName, recorded.version);
  Object.assign(root, {
    isRoot: true,
    isProjectRoot: true,
    meta: { loadedFromDisk: true, originalLockfileVersion: recorded.lockfileVersion },
  });
  const nodes = all.map((each) => {
    const version = each.package.version ?? '';
    const node = bareNode(`${path}/${each.location}`, each.location, each.name, each.packageName, version);
    const { edgesIn: _, ...rest } = each;
    return Object.assign(node, rest, { root, parent: root });
  });
  for (const [number, { name, edgesIn }] of all.entries()) {
    const to = nodes[number] as TreeNode;
    for (const [from, spec, type] of edgesIn) {
      const edge: TreeEdge = {
        name,
        spec,
        type,
        valid: true,
        error: null,
        from: from < 0 ? root : (nodes[from] ?? null),
        to,
      };
      to.edgesIn.add(edge);
    }
  }
  return nodes;
}

function bareNode(path: string, location: string, name: string, packageName: string | null, version: string): TreeNode {
  const node: Omit<TreeNode, 'target' | 'root'> = {
    name,
    version,
    packageName,
    path,
    realpath: path,
    location,
    resolved: null,
    integrity: null,
    package: {},
    binPaths: [],
    isLink: false,
    isRoot: false,
    isProjectRoot: false,
    isInStore: false,
    isRegistryDependency: false,
    hasInstallScript: false,
    hasShrinkwrap: false,
    globalTop: false,
    inBundle: false,
    inDepBundle: false,
    optional: false,
    depth: 0,
    parent: null,
    children: new Map(),
    edgesIn: new Set(),
    edgesOut: new Map(),
    inventory: new Map(),
    getBundler: () => null,
  };
  const whole = node as TreeNode;
  whole.target = whole;
  whole.root = whole;
  return whole;
}
