import binLinks from 'bin-links';
import type { TreeNode } from '../../resolve/index.js';

/** Links the bins of packages as arborist does: of two bins of one name, that of the package which comes first by depth, then path. */
export async function linkBins(nodes: readonly TreeNode[]): Promise<void> {
  // It links each path once in a process, and would leave out the bins of a second install in the same project.
  binLinks.resetSeen();
  const ordered = nodes
    .filter(({ package: { bin } }) => bin !== undefined)
    .sort((a, b) => a.depth - b.depth || a.path.localeCompare(b.path, 'en'));
  const linked = await Promise.allSettled(
    ordered.map(({ path, package: pkg }) => binLinks({ path, pkg, top: false, global: false, force: true })),
  );
  const failed = linked.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
