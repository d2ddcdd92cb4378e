import npa from 'npm-package-arg';
import type { PackageNode, PackageSourceKind } from '../model.js';
import type { TreeNode } from './arborist-internals.js';
import { isFromRegistry, type RegistrySettings } from './registry.js';

/** Makes the value that travels from arborist's node; `source` where it is known already, for it takes a look at every edge. */
export function toPackageNode(
  node: TreeNode,
  settings: RegistrySettings,
  source: PackageSourceKind = sourceKind(node, settings),
): PackageNode {
  const target = node.target;
  return {
    name: target.packageName ?? node.name,
    version: target.version ?? '',
    location: locationOf(node),
    resolved: node.resolved ?? target.resolved ?? null,
    integrity: node.integrity ?? null,
    source,
    optional: node.optional,
    dev: node.dev === true,
    requestedBy: dependents(node),
  };
}

/** A node's place in the tree with forward slashes; links of the linked strategy know only their path. */
export function locationOf(node: TreeNode): string {
  return (node.location ?? node.target.location ?? node.path).replaceAll('\\', '/');
}

/** Where the bytes of a node come from. A registry dependency that a lock file resolves to another host is `remote`. */
export function sourceKind(node: TreeNode, settings: RegistrySettings): PackageSourceKind {
  if (node.isProjectRoot) {
    return 'root';
  }
  // The trees of the linked strategy do not say which of their links lead to a workspace.
  if (node.isWorkspace === true || node.target.isWorkspace === true || settings.ownFolders.has(node.target.path)) {
    return 'workspace';
  }
  if (node.isLink) {
    return 'directory';
  }
  if (node.inDepBundle) {
    return 'bundled';
  }
  if (node.resolved === null || node.resolved === undefined) {
    return 'registry';
  }
  if (isFromRegistry(node, settings)) {
    return 'registry';
  }
  const spec = npa(`${node.name}@${node.resolved}`);
  switch (spec.type) {
    case 'git':
      return 'git';
    case 'file':
      return 'file';
    case 'directory':
      return 'directory';
    default:
      return 'remote';
  }
}

function dependents(node: TreeNode): string[] {
  const names = [...node.edgesIn].flatMap(({ from }) => {
    if (from === null) {
      return [];
    }
    return from.isProjectRoot ? ['(project)'] : [`${from.packageName ?? from.name}@${from.version}`];
  });
  return [...new Set(names)].sort(
    (a, b) => Number(b === '(project)') - Number(a === '(project)') || a.localeCompare(b),
  );
}
