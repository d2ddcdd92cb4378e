import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTarget } from '../../src/install/local-target.js';
import { packFolder } from '../e2e/registry.js';

let cwd: string;
const put = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(join(cwd, file)), { recursive: true });
  await writeFile(join(cwd, file), text);
};
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'si-target-'));
  await put('one/package.json', '{"name":"one","version":"1.0.0"}');
  await put('many/node_modules/a/package.json', '{"name":"a","version":"1.0.0"}');
  await put('many/node_modules/a/node_modules/b/package.json', '{"name":"b","version":"1.0.0"}');
  await put('many/node_modules/@s/c/package.json', '{"name":"@s/c","version":"1.0.0"}');
  await put('many/node_modules/.bin/d/package.json', '{}');
  await put('lodash/readme.md', '');
  await put('package-lock.json', '{}');
  await put('broken/package.json', '{');
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const names = async (target: string): Promise<string[]> => {
  const found = await findTarget(target, cwd);
  return found.kind === 'packages' ? found.found.map(({ node }) => node.name).sort() : [found.kind];
};

test('a folder that is a package, one full of packages, a tarball, a lock file, a spec', async () => {
  await writeFile(join(cwd, 'one.tgz'), await packFolder(join(cwd, 'one')));
  expect(await names('./one')).toEqual(['one']);
  expect(await names('one')).toEqual(['one']);
  expect(await names('many/node_modules')).toEqual(['@s/c', 'a', 'b']);
  expect(await names('one.tgz')).toEqual(['one']);
  expect(await names('package-lock.json')).toEqual(['lock']);
  expect(await names('lodash')).toEqual(['spec']);
  expect(await names('@s/c@1')).toEqual(['spec']);
  expect(await names('./broken')).toEqual(['(unnamed)']);
  const tarball = await findTarget('one.tgz', cwd);
  expect(tarball.kind === 'packages' && tarball.found[0]?.node.integrity).toMatch(/^sha512-/);
});

test.each(['./nowhere', '/nowhere/at/all', 'missing.tgz', './lodash', './one/package.json'])(
  '%s is an error that says so',
  async (target) => {
    await expect(findTarget(target, cwd)).rejects.toMatchObject({ code: 'ENOTARGET', exitCode: 1, where: target });
  },
);
