import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Transaction } from '../../src/install/transaction.js';
import { hashTree } from '../e2e/project.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-transaction-'));
  await mkdir(join(root, 'node_modules/a'), { recursive: true });
  await mkdir(join(root, 'node_modules/.bin'));
  await writeFile(join(root, 'node_modules/a/index.js'), 'a');
  await symlink('../a/index.js', join(root, 'node_modules/.bin/a'));
  await writeFile(join(root, 'package.json'), '{"name": "p"}\r\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function spoil(): Promise<void> {
  await writeFile(join(root, 'package.json'), '{}');
  await writeFile(join(root, 'package-lock.json'), '{}');
  await mkdir(join(root, 'node_modules/b'), { recursive: true });
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await symlink('../b', join(root, 'node_modules/.bin/b'));
}

test('rolling back a retired tree brings everything back, byte for byte', async () => {
  const before = await hashTree(root);
  const transaction = new Transaction();
  await transaction.begin([root], [join(root, 'node_modules/.bin')]);
  await transaction.retire([root]);
  await spoil();
  await transaction.rollBack();
  expect(await hashTree(root)).toEqual(before);
});

test('links that were about to be written go, others stay', async () => {
  await symlink('elsewhere', join(root, 'node_modules/there'));
  const before = await hashTree(root);
  const transaction = new Transaction();
  await transaction.begin([root], []);
  const paths = ['node_modules/there', 'node_modules/new', 'node_modules/@s/new'].map((path) => join(root, path));
  await transaction.watchLinks(paths);
  await mkdir(join(root, 'node_modules/@s'));
  await symlink('../a', join(root, 'node_modules/new'));
  await symlink('../../a', join(root, 'node_modules/@s/new'));
  await transaction.rollBack();
  expect(await hashTree(root)).toEqual(before);
});

test('once committed nothing goes back, and the old tree is gone', async () => {
  const transaction = new Transaction();
  await transaction.begin([root], [join(root, 'node_modules/.bin')]);
  await transaction.retire([root]);
  await spoil();
  await transaction.commit();
  const after = await hashTree(root);
  await transaction.rollBack();
  expect(await hashTree(root)).toEqual(after);
  expect([...after.keys()].filter((path) => path.includes('.safe-install'))).toEqual([]);
  expect(await readFile(join(root, 'package.json'), 'utf8')).toBe('{}');
});
