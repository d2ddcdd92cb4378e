import { chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../src/sandbox/make-folder.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'made-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a folder that is missing is made with its parents', () => {
  expect(makeFolder(join(root, 'a/b/c'))).toBe(join(root, 'a/b/c'));
  expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true);
});

test.runIf(process.getuid?.() === 0)('what root makes belongs to the owner of the folder around it', () => {
  chownSync(root, 1234, 1235);
  makeFolder(join(root, 'a/b'));
  expect(statSync(join(root, 'a'))).toMatchObject({ uid: 1234, gid: 1235 });
  expect(statSync(join(root, 'a/b'))).toMatchObject({ uid: 1234, gid: 1235 });
});

test('a file in the way is an error that names the path', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolder(join(root, 'file/a'))).toThrow(/cannot be made/);
  expect(existsSync(join(root, 'file'))).toBe(true);
});
