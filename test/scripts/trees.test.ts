import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differenceLine, diffTrees, explainDifferences } from '../../scripts/trees/difference.js';
import { snapshotTree } from '../../scripts/trees/snapshot.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-trees-'));
  for (const side of ['left', 'right']) {
    await mkdir(join(base, side, 'a/b'), { recursive: true });
    await writeFile(join(base, side, 'a/b/f.js'), 'same');
    await symlink('b/f.js', join(base, side, 'a/link'));
  }
});
afterEach(() => rm(base, { recursive: true, force: true }));

const differences = async () =>
  diffTrees(await snapshotTree(join(base, 'left')), await snapshotTree(join(base, 'right')));

test('equal trees have no differences', async () => {
  expect(await differences()).toEqual([]);
});

test.each<[string, (right: string) => Promise<void>, string]>([
  ['content of the same length', (right) => writeFile(join(right, 'a/b/f.js'), 'sane'), 'a/b/f.js'],
  ['a mode', (right) => chmod(join(right, 'a/b/f.js'), 0o755), 'a/b/f.js'],
  ['a folder’s mode', (right) => chmod(join(right, 'a/b'), 0o700), 'a/b'],
  ['an extra empty folder', async (right) => void (await mkdir(join(right, 'a/c'))), 'a/c'],
  ['a missing file', (right) => rm(join(right, 'a/b/f.js')), 'a/b/f.js'],
  [
    'a link’s target',
    async (right) => {
      await rm(join(right, 'a/link'));
      await symlink('b', join(right, 'a/link'));
    },
    'a/link',
  ],
])('finds %s', async (_name, change, path) => {
  await change(join(base, 'right'));
  const found = await differences();
  expect(found.map((difference) => difference.path)).toEqual([path]);
  expect(differenceLine(found[0]!)).toContain(path);
});

test('an explanation accounts only for what it explains', async () => {
  await writeFile(join(base, 'right/a/b/f.js'), 'sane');
  await mkdir(join(base, 'right/a/c'));
  const explanations = [{ reason: 'built', explains: ({ path }: { path: string }) => path.endsWith('.js') }];
  const { explained, unexplained } = explainDifferences(await differences(), explanations);
  expect(explained.map(({ reason }) => reason)).toEqual(['built']);
  expect(unexplained.map(({ path }) => path)).toEqual(['a/c']);
});
