import { expect, test } from 'vitest';
import { unreadFirst } from '../../src/install/fetch-order.js';
import type { TreeNode } from '../../src/resolve/index.js';

const node = (name: string, integrity: string | null) => ({ name, integrity }) as TreeNode;

test('what has no verdict is fetched first, and every node keeps its place', () => {
  const nodes = [node('a', 'sha512-a'), node('b', 'sha512-b'), node('c', 'sha512-c'), node('d', null)];
  const knows = (integrity: string) => integrity === 'sha512-a' || integrity === 'sha512-c';
  const expected: number[] = [];
  const ordered = unreadFirst(
    nodes.map((each) => ({ node: each, written: true })),
    { knows, expect: (scans) => expected.push(scans) },
  );
  expect(expected).toEqual([2]);
  expect(ordered.map((each) => [each.node.name, each.index])).toEqual([
    ['b', 1],
    ['d', 3],
    ['a', 0],
    ['c', 2],
  ]);
});

test('a scanner that knows nothing leaves the order as it is; a git dependency is asked for as one', () => {
  const asked: string[] = [];
  const nodes = [
    { node: node('a', 'sha512-a'), written: true, source: 'git' as const },
    { node: node('b', 'sha512-b'), written: true },
  ];
  expect(unreadFirst(nodes, {}).map(({ index }) => index)).toEqual([0, 1]);
  unreadFirst(nodes, { knows: (_, source) => asked.push(source) > 0 });
  expect(asked).toEqual(['git', 'registry']);
});
