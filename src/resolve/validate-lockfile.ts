import type { TreeNode } from './arborist-internals.js';

/** Compares the tree that would be installed with the lock file, as `npm ci` does; one line for each difference. */
export function validateLockfile(virtual: Map<string, TreeNode>, ideal: Map<string, TreeNode>): string[] {
  const problems: string[] = [];
  for (const [location, node] of ideal) {
    const locked = virtual.get(location);
    if (locked === undefined) {
      problems.push(`Missing: ${node.name}@${node.version} from lock file`);
    } else if (locked.version !== node.version) {
      problems.push(
        `Invalid: lock file's ${locked.name}@${locked.version} does not satisfy ${node.name}@${node.version}`,
      );
    }
  }
  return problems;
}
