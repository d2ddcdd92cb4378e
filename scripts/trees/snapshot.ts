import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One path of a tree: everything about it that an install decides (times are not part of it). */
export type TreeEntry =
  | { type: 'file'; mode: number; size: number; sha256: string }
  | { type: 'directory'; mode: number }
  | { type: 'link'; target: string }
  | { type: 'other'; mode: number };

/** Relative path with forward slashes → entry; sorted. */
export type TreeSnapshot = Map<string, TreeEntry>;

/** Reads a folder completely: paths, kinds, modes, content hashes, link targets. Links are not followed. */
export async function snapshotTree(root: string): Promise<TreeSnapshot> {
  const entries: [string, TreeEntry][] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const children = await readdir(join(root, folder), { withFileTypes: true });
    for (const child of children) {
      const path = folder === '' ? child.name : `${folder}/${child.name}`;
      const entry = await describe(join(root, path));
      entries.push([path, entry]);
      if (entry.type === 'directory') pending.push(path);
    }
  }
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function describe(path: string): Promise<TreeEntry> {
  const stat = await lstat(path);
  const mode = stat.mode & 0o7777;
  if (stat.isSymbolicLink()) return { type: 'link', target: await readlink(path) };
  if (stat.isDirectory()) return { type: 'directory', mode };
  if (!stat.isFile()) return { type: 'other', mode };
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { type: 'file', mode, size: stat.size, sha256 };
}
