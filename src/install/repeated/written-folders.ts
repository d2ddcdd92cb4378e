import { lstatSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeNode } from '../../resolve/index.js';

/** Makes the folders of packages and those that hold them, in a node_modules in which nothing stands. */
export function makeFolders(nodes: readonly TreeNode[], root: string): void {
  const folders = new Set<string>();
  for (const { location } of nodes) {
    const parts = location.split('/');
    for (let length = 1; length <= parts.length; length += 1) folders.add(parts.slice(0, length).join('/'));
  }
  for (const folder of [...folders].sort()) makeFolder(join(root, folder));
}

/** Removes what was written of packages, where nothing stood before. */
export async function removeWritten(nodes: readonly TreeNode[], root: string): Promise<void> {
  const names = new Set(nodes.map(({ location }) => location.split('/')[1] ?? ''));
  for (const name of [...names, '.bin', '.package-lock.json']) {
    if (name !== '') await rm(join(root, 'node_modules', name), { recursive: true, force: true });
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !lstatSync(path).isDirectory()) throw error;
  }
}
