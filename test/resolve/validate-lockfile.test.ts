import { expect, test } from 'vitest';
import { type TreeNode, validateLockfile } from '../../src/resolve/index.js';

const tree = (nodes: Record<string, string>): Map<string, TreeNode> =>
  new Map(
    Object.entries(nodes).map(([location, id]) => {
      const [name, version] = id.split('@');
      return [location, { name, version } as TreeNode];
    }),
  );

test('what is missing and what differs, each in a line; what is too much in the lock file does not count', () => {
  const locked = tree({ 'node_modules/a': 'a@1.0.0', 'node_modules/b': 'b@1.0.0', 'node_modules/z': 'z@1.0.0' });
  const wanted = tree({ 'node_modules/a': 'a@1.0.0', 'node_modules/b': 'b@2.0.0', 'node_modules/c': 'c@3.0.0' });
  expect(validateLockfile(locked, wanted)).toEqual([
    "Invalid: lock file's b@1.0.0 does not satisfy b@2.0.0",
    'Missing: c@3.0.0 from lock file',
  ]);
  expect(validateLockfile(locked, locked)).toEqual([]);
});
