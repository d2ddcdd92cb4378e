import type { TreeNode } from './arborist-internals.js';

/** There is no lock file, or none that can be read. */
export class NoLockFileError extends Error {}

/** A package at a place. */
export type Versioned = Pick<TreeNode, 'name' | 'version'>;

/** Compares the tree that would be installed with the lock file, as `npm ci` does; one line for each difference. */
export function validateLockfile(
  virtual: ReadonlyMap<string, Versioned>,
  ideal: ReadonlyMap<string, Versioned>,
): string[] {
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
