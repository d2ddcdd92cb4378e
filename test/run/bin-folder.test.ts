import { lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hideShadowingBins, restoreBins, revealBins, snapshotBins } from '../../src/run/index.js';

let root: string;
let bins: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-bins-'));
  bins = join(root, 'node_modules', '.bin');
  await mkdir(bins, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('bins called like interpreters are put aside and come back', async () => {
  for (const name of ['node', 'SH', 'env', 'git', 'tsc', 'esbuild']) {
    await symlink(`../@s/pkg/${name}.js`, join(bins, name));
  }
  const hidden = await hideShadowingBins(bins);
  expect(hidden.map(({ name }) => name).sort()).toEqual(['SH', 'env', 'git', 'node']);
  expect(hidden[0]?.package).toBe('@s/pkg');
  const during = await readdir(bins);
  expect(during).toContain('tsc');
  expect(during).not.toContain('node');
  await revealBins(hidden);
  expect(await readlink(join(bins, 'node'))).toBe('../@s/pkg/node.js');
  expect((await readdir(bins)).sort()).toEqual(['SH', 'env', 'esbuild', 'git', 'node', 'tsc']);
});

test('a bin that was linked anew meanwhile stays', async () => {
  await symlink('../old/node', join(bins, 'node'));
  const hidden = await hideShadowingBins(bins);
  await symlink('../new/node', join(bins, 'node'));
  await revealBins(hidden);
  expect(await readlink(join(bins, 'node'))).toBe('../new/node');
  expect(await readdir(bins)).toEqual(['node']);
});

test('a folder of programs that is no .bin is left alone', async () => {
  const real = join(root, 'bin');
  await mkdir(real);
  await writeFile(join(real, 'node'), '');
  expect(await hideShadowingBins(real)).toEqual([]);
  expect(await hideShadowingBins(join(root, 'nowhere', 'node_modules', '.bin'))).toEqual([]);
});

test('a snapshot brings back links and shims, and removes what came since', async () => {
  await symlink('../a/a.js', join(bins, 'a'));
  await symlink('../b/b.js', join(bins, 'b'));
  await writeFile(join(bins, 'shim'), 'text', { mode: 0o755 });
  const before = await snapshotBins(bins);
  await rm(join(bins, 'a'));
  await symlink('../other/a.js', join(bins, 'a'));
  await rm(join(bins, 'b'));
  await writeFile(join(bins, 'shim'), 'changed');
  await symlink('../new/new.js', join(bins, 'new'));
  await restoreBins(before);
  expect(await readlink(join(bins, 'a'))).toBe('../a/a.js');
  expect(await readlink(join(bins, 'b'))).toBe('../b/b.js');
  expect((await lstat(join(bins, 'shim'))).mode & 0o777).toBe(0o755);
  expect((await readdir(bins)).sort()).toEqual(['a', 'b', 'shim']);
});

test('a folder that was not there is not there again', async () => {
  await rm(bins, { recursive: true });
  const before = await snapshotBins(bins);
  await mkdir(bins);
  await symlink('../a', join(bins, 'a'));
  await restoreBins(before);
  await expect(lstat(bins)).rejects.toThrow('ENOENT');
});
