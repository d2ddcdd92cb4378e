import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  dropTrees,
  type RetiredTrees,
  recoverTree,
  restoreTrees,
  retireTrees,
} from '../../src/install/retired-trees.js';
import { hashTree } from '../e2e/project.js';

let folder: string;
let before: Map<string, string>;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'si-retired-')), 'node_modules');
  for (const name of ['a', 'b', '@s/c', '.bin']) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'file'), name);
  }
  before = await hashTree(folder);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

// No process has this number: it is above Linux's greatest.
const DEAD = '.safe-install-99999999-1-0123456789ab';
const asides = async () => (await readdir(folder)).filter((name) => name.startsWith('.safe-install'));

/** Retires the tree and makes it look like the work of a process that was killed, in this state. */
async function killedIn(state: string): Promise<string> {
  await retireTrees([folder], { folders: new Map() });
  const [own] = await asides();
  await rename(join(folder, own!), join(folder, `${DEAD}-${state}`));
  return join(folder, `${DEAD}-${state}`);
}

async function writeNewTree(): Promise<void> {
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a/file'), 'half of the new');
}

describe('what a killed install has left', () => {
  test('is put back when it was killed while new packages were written', async () => {
    await killedIn('retired');
    await writeNewTree();
    expect(await recoverTree(folder)).toBe(true);
    expect(await hashTree(folder)).toEqual(before);
  });

  test('is put back when it was killed while the old ones moved aside, or back', async () => {
    const aside = await killedIn('moving');
    await rename(join(aside, 'b'), join(folder, 'b'));
    expect(await recoverTree(folder)).toBe(true);
    expect(await hashTree(folder)).toEqual(before);
  });

  test('is removed when the new tree was in place', async () => {
    await killedIn('removing');
    await writeNewTree();
    const after = (await readdir(join(folder, 'a'))).length;
    expect(await recoverTree(folder)).toBe(false);
    expect(await readdir(folder)).toEqual(['a']);
    expect((await readdir(join(folder, 'a'))).length).toBe(after);
  });

  test('of a process that lives is left alone, and said', async () => {
    const retired: RetiredTrees = { folders: new Map() };
    await retireTrees([folder], retired);
    await expect(recoverTree(folder)).rejects.toMatchObject({ code: 'EBUSYPROJECT', exitCode: 1 });
    await restoreTrees(retired);
    expect(await hashTree(folder)).toEqual(before);
  });

  test('of another process with a number that is in use again is put back', async () => {
    await killedIn('retired');
    const reused = `.safe-install-${process.pid}-1-0123456789ab-retired`;
    await rename(join(folder, `${DEAD}-retired`), join(folder, reused));
    expect(await recoverTree(folder)).toBe(true);
    expect(await hashTree(folder)).toEqual(before);
  });

  test('is nothing after an install that ended', async () => {
    const retired: RetiredTrees = { folders: new Map() };
    await retireTrees([folder], retired);
    await writeNewTree();
    await dropTrees(retired);
    expect(await recoverTree(folder)).toBe(false);
    expect(await readdir(folder)).toEqual(['a']);
  });

  test('an absent node_modules needs nothing', async () => {
    await rm(folder, { recursive: true });
    expect(await recoverTree(folder)).toBe(false);
  });
});
