import type { PackageSourceKind } from '../model.js';
import type { TreeNode } from '../resolve/index.js';
import type { Scanner } from './options.js';

/** A node that is to be fetched, scanned and decided on. */
export interface ToAdmit {
  node: TreeNode;
  /** False where it is in node_modules already. */
  written: boolean;
  /** Where its bytes come from, if that was asked before. */
  source?: PackageSourceKind;
}

/**
 * The order in which nodes are fetched, each with its place in the order given: what has no verdict yet comes first, for reading it
 * takes the longest, and threads read it while the rest is fetched. The scanner is told how many they are.
 */
export function unreadFirst(
  nodes: readonly ToAdmit[],
  scanner: Pick<Scanner, 'knows' | 'expect'>,
): (ToAdmit & { index: number })[] {
  const unread: (ToAdmit & { index: number })[] = [];
  const known: typeof unread = [];
  for (const [index, each] of nodes.entries()) {
    const { node, source = 'registry' } = each;
    const isKnown = node.integrity !== null && scanner.knows?.(node.integrity, source) === true;
    (isKnown ? known : unread).push({ ...each, index });
  }
  scanner.expect?.(unread.length);
  return [...unread, ...known];
}
