import { realpath } from 'node:fs/promises';
import Diff from '@npmcli/arborist/lib/diff.js';
import Node from '@npmcli/arborist/lib/node.js';
import type { ArboristInstance, TreeDiff, TreeNode } from './arborist-internals.js';

/** The nodes that a diff would write: links included, what comes inside another tarball and the project itself not. */
export function writtenNodes(diff: TreeDiff): TreeNode[] {
  const nodes: TreeNode[] = [];
  const visit = (part: TreeDiff): void => {
    const { action, ideal } = part;
    if ((action === 'ADD' || action === 'CHANGE') && ideal !== null && !ideal.isRoot && !ideal.inDepBundle) {
      nodes.push(ideal);
    }
    part.children.forEach(visit);
  };
  visit(diff);
  return nodes;
}

/** How many packages a diff adds, removes and changes, as npm counts them for its summary. */
export function countChanges(diff: TreeDiff | null): { added: number; removed: number; changed: number } {
  const changes = { added: 0, removed: 0, changed: 0 };
  const visit = (part: TreeDiff): void => {
    if (part.action === 'REMOVE') {
      changes.removed += 1;
    } else if (part.action === 'CHANGE') {
      changes.changed += 1;
    } else if (part.action === 'ADD' && part.ideal?.inert !== true && !(part.ideal?.isStoreLink ?? false)) {
      changes.added += 1;
    }
    part.children.forEach(visit);
  };
  if (diff !== null) {
    visit(diff);
  }
  return changes;
}

/** The diff of the ideal tree against an empty folder: what `ci` writes, whatever stands in node_modules now. */
export async function diffFromScratch(arborist: ArboristInstance, omit: string[]): Promise<TreeDiff> {
  const ideal = arborist.idealTree;
  if (ideal === null) {
    throw new TypeError('the ideal tree was not built');
  }
  const empty = new Node({ path: arborist.path, realpath: await realpath(arborist.path), pkg: {} });
  return Diff.calculate({ actual: empty, ideal, omit: new Set(omit) }) as TreeDiff;
}
