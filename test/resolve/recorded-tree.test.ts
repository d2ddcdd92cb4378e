import { expect, test } from 'vitest';
import type { TreeEdge, TreeNode } from '../../src/resolve/arborist-internals.js';
import { sourceKind, toPackageNode } from '../../src/resolve/package-node.js';
import { nodesOfRecord, recordTree } from '../../src/resolve/recorded-tree.js';

const INTEGRITY = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const settings = {
  registry: 'http://registry.test/',
  replaceRegistryHost: 'never',
  flat: {},
  ownFolders: new Set(['/project']),
};

// As much of arborist's nodes as is asked for.
function nodeOf(location: string, more: Partial<TreeNode> = {}): TreeNode {
  const name = location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const node = {
    name,
    packageName: name,
    version: '1.0.0',
    location,
    path: `/project/${location}`,
    resolved: `http://registry.test/${name}/-/${name}-1.0.0.tgz`,
    integrity: INTEGRITY,
    depth: location.split('node_modules/').length - 1,
    package: { name, version: '1.0.0' },
    hasInstallScript: false,
    isRegistryDependency: true,
    optional: false,
    isLink: false,
    inBundle: false,
    hasShrinkwrap: false,
    edgesIn: new Set<TreeEdge>(),
    ...more,
  };
  return node as unknown as TreeNode;
}
const ask = (from: TreeNode, to: TreeNode, spec: string, more: Partial<TreeEdge> = {}): void => {
  to.edgesIn.add({ name: to.name, spec, type: 'prod', valid: true, error: null, from, to, ...more });
};
function treeOf(change: Partial<TreeNode> = {}, edge: Partial<TreeEdge> = {}): [TreeNode, TreeNode[]] {
  const root = nodeOf('', { isProjectRoot: true, packageName: 'p', name: 'project', path: '/project', package: {} });
  const a = nodeOf('node_modules/a', { package: { name: 'a', version: '1.0.0', bin: { a: 'cli.js' } }, dev: true });
  const b = nodeOf('node_modules/a/node_modules/b', change);
  ask(root, a, '^1.0.0');
  ask(a, b, '1.x', edge);
  return [root, [a, b]];
}

test('nodes of a record say of themselves what arborist’s say, in whatever folder', () => {
  const [root, nodes] = treeOf();
  const record = recordTree(root, nodes);
  const made = nodesOfRecord(JSON.parse(JSON.stringify(record)), '/elsewhere');
  expect(made.map(({ path }) => path)).toEqual([
    '/elsewhere/node_modules/a',
    '/elsewhere/node_modules/a/node_modules/b',
  ]);
  const elsewhere = { ...settings, ownFolders: new Set(['/elsewhere']) };
  for (const [at, node] of nodes.entries()) {
    const own = made[at] as TreeNode;
    const target = { ...node, target: node } as TreeNode;
    expect(toPackageNode(own, elsewhere)).toEqual(toPackageNode(target, settings));
    expect(sourceKind(own, elsewhere)).toBe('registry');
    for (const name of ['depth', 'optional', 'hasInstallScript', 'isRegistryDependency'] as const)
      expect(own[name]).toBe(node[name]);
  }
  expect(made[0]?.package.bin).toEqual({ a: 'cli.js' });
  expect(made[0]?.target).toBe(made[0]);
  expect(toPackageNode(made[1] as TreeNode, elsewhere).requestedBy).toEqual(['a@1.0.0']);
});

test.each<[string, Partial<TreeNode>, Partial<TreeEdge>?]>([
  ['a link', { isLink: true }],
  ['a bundled package', { inBundle: true }],
  ['a package that bundles others', { package: { name: 'b', version: '1.0.0', bundleDependencies: ['c'] } }],
  ['a shrinkwrap inside a package', { hasShrinkwrap: true }],
  ['a package that was left out', { inert: true }],
  ['a git dependency', { resolved: 'git+ssh://git@host.test/b.git#1' }],
  ['a local tarball', { resolved: 'file:b.tgz' }],
  ['no hash', { integrity: null }],
  ['a weak hash', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
  ['a place outside', { location: 'packages/b' }],
  ['a place that climbs', { location: 'node_modules/../../b' }],
  ['an edge that is not met', {}, { valid: false }],
])('a tree with %s needs arborist', (_, change, edge) => {
  expect(recordTree(...treeOf(change, edge))).toBeNull();
});

test('a project with workspaces, or one that is a link, needs arborist', () => {
  const [root, nodes] = treeOf();
  expect(recordTree({ ...root, package: { workspaces: ['w'] } } as TreeNode, nodes)).toBeNull();
  expect(recordTree({ ...root, isLink: true } as TreeNode, nodes)).toBeNull();
  expect(recordTree(null, nodes)).toBeNull();
});
