import { readFile } from 'node:fs/promises';
import type { ArboristInstance, TreeNode } from './arborist-internals.js';

/**
 * Whether an `install` right after this one, which saves no lock file, would leave the lock file as it is, byte by byte, and find no
 * edge to mend. To be asked when the ideal tree is built, before anything is written.
 */
export async function lockStays({ idealTree, options }: Pick<ArboristInstance, 'idealTree' | 'options'>) {
  const meta = idealTree?.meta;
  if (idealTree === null || meta?.toString === undefined || meta.filename === undefined) return false;
  for (const node of idealTree.inventory.values()) if (!hasOnlyValidEdges(node)) return false;
  // As arborist saves it.
  const indent = (idealTree.package as Record<symbol, unknown>)[Symbol.for('indent')] ?? '  ';
  const format = options['formatPackageLock'] && indent ? indent : options['formatPackageLock'];
  const saved = meta.toString({ format });
  return (await readFile(meta.filename, 'utf8').catch(() => null)) === saved;
}

function hasOnlyValidEdges({ edgesOut }: TreeNode): boolean {
  for (const { valid } of edgesOut.values()) if (!valid) return false;
  return true;
}
