import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstallOptions } from '../../src/install/index.js';
import { lookForTree, rememberTree } from '../../src/install/repeated/index.js';
import type { KnownTree } from '../../src/install/repeated/known-tree.js';
import { recallOf } from '../../src/install/repeated/recall.js';
import { forgetTree, keepTree, readTree } from '../../src/install/repeated/tree-files.js';
import { sayAgain, TreeLog } from '../../src/install/repeated/tree-log.js';
import { makeFolders, removeWritten } from '../../src/install/repeated/written-folders.js';
import type { PackageNode, Verdict } from '../../src/model.js';
import type { TreeNode } from '../../src/resolve/index.js';

let base: string;
const RULES = 'engine and rules';
const TREE: KnownTree = {
  tree: { root: { name: 'p', packageName: 'p', version: '1.0.0', lockfileVersion: 3 }, nodes: [] },
  said: [],
  hiddenLock: '{}',
  lockStays: true,
  registry: { registry: 'http://registry.test/', replaceRegistryHost: 'never' },
  scripts: {},
  compared: {},
};

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'si-repeated-'));
  for (const name of ['one', 'two']) {
    mkdirSync(join(base, name));
    writeFileSync(join(base, name, 'package.json'), '{"dependencies":{"a":"1"}}');
    writeFileSync(join(base, name, 'package-lock.json'), '{"lockfileVersion":3}');
  }
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function options(
  change: Partial<InstallOptions> = {},
  flat: Record<string, unknown> = {},
  name = 'one',
): InstallOptions {
  const path = join(base, name);
  return {
    command: 'ci',
    specs: [],
    npm: {
      flat: { registry: 'http://registry.test/', omit: [], installStrategy: 'hoisted', prefix: path, ...flat },
      path,
      workspaces: [],
      env: {},
      saveIsSet: false,
      allowScripts: { commandLine: [], npmrc: [] },
      npmExecPath: null,
    },
    policy: {} as InstallOptions['policy'],
    approvals: [],
    stateDir: join(base, 'state'),
    rulesFolders: [],
    ...change,
  };
}
const keyOf = (given: InstallOptions, rules = RULES): string | null => lookForTree(given, rules).key;

describe('the key of a tree', () => {
  test('is the same in another folder, for `ci` and `install`, and for what decides no tree', () => {
    const key = keyOf(options());
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf(options({}, {}, 'two'))).toBe(key);
    expect(keyOf(options({ command: 'install' }))).toBe(key);
    expect(keyOf(options({}, { before: new Date(), progress: false, ignoreScripts: true }))).toBe(key);
  });

  test('is another for other files, configuration, engine and rules', () => {
    const key = keyOf(options());
    for (const flat of [
      { omit: ['dev'] },
      { legacyPeerDeps: true },
      { cpu: 'arm64' },
      { '@s:registry': 'http://s.test/' },
    ])
      expect(keyOf(options({}, flat))).not.toBe(key);
    expect(keyOf(options(), 'other rules')).not.toBe(key);
    for (const name of ['package.json', 'package-lock.json', 'npm-shrinkwrap.json']) {
      writeFileSync(join(base, 'one', name), '{ }');
      expect(keyOf(options())).not.toBe(key);
      expect(keyOf(options({}, {}, 'two'))).toBe(key);
    }
  });
});

describe('what is not the lock file’s to say', () => {
  test.each<[string, Partial<InstallOptions>, Record<string, unknown>?]>([
    ['packages that are named', { specs: ['a'] }],
    ['an update', { command: 'update' }],
    ['a global install', {}, { global: true }],
    ['a dry run', {}, { dryRun: true }],
    ['only the lock file', {}, { packageLockOnly: true }],
    ['no lock file', {}, { packageLock: false }],
    ['the linked strategy', {}, { installStrategy: 'linked' }],
    ['hard links', { link: true }],
    ['workspaces', {}, { workspaces: true }],
  ])('%s', (_, change, flat) => {
    expect(keyOf(options({ command: 'install', ...change }, flat))).toBeNull();
  });

  test('an install over what is there already, a linked node_modules, a yarn.lock', () => {
    const modules = join(base, 'one', 'node_modules');
    mkdirSync(modules);
    expect(keyOf(options({ command: 'install' }))).not.toBeNull();
    writeFileSync(join(modules, 'x'), '');
    expect(keyOf(options({ command: 'install' }))).toBeNull();
    expect(keyOf(options())).not.toBeNull();
    rmSync(modules, { recursive: true });
    symlinkSync(base, modules);
    expect(keyOf(options())).toBeNull();
    writeFileSync(join(base, 'two', 'yarn.lock'), '');
    expect(keyOf(options({}, {}, 'two'))).toBeNull();
  });
});

describe('a known tree', () => {
  test('is given to those who start from the same, to an install only where the lock file stays', () => {
    const look = lookForTree(options(), RULES);
    expect(look.tree).toBeNull();
    rememberTree(options(), look, TREE);
    expect(lookForTree(options({}, {}, 'two'), RULES).tree).toEqual(TREE);
    expect(lookForTree(options({ command: 'install' }), RULES).tree).toEqual(TREE);
    rememberTree(options(), look, { ...TREE, lockStays: false });
    expect(lookForTree(options(), RULES).tree).not.toBeNull();
    expect(lookForTree(options({ command: 'install' }), RULES).tree).toBeNull();
    forgetTree(options().stateDir, look.key as string);
    expect(lookForTree(options(), RULES).tree).toBeNull();
  });

  test('is not kept where the files have changed meanwhile', () => {
    const look = lookForTree(options(), RULES);
    writeFileSync(join(base, 'one', 'package-lock.json'), '{"lockfileVersion":2}');
    rememberTree(options(), look, TREE);
    expect(existsSync(join(base, 'state', 'trees'))).toBe(false);
  });

  test('makes room by its age, and what is broken is none', () => {
    const state = join(base, 'state');
    for (let number = 0; number < 65; number += 1) {
      keepTree(state, `k${number}`, TREE);
      const file = join(state, 'trees', `k${number}.json`);
      if (existsSync(file)) utimesSync(file, 1_000_000 + number, 1_000_000 + number);
    }
    expect(readdirSync(join(state, 'trees'))).toHaveLength(32);
    expect(readTree(state, 'k64')).toEqual(TREE);
    expect(readTree(state, 'k0')).toBeNull();
    writeFileSync(join(state, 'trees', 'k64.json'), '{"tree":');
    expect(readTree(state, 'k64')).toBeNull();
  });
});

test('what was compared before is looked up again; what was not is looked for', async () => {
  const before = { version: '1.0.0', integrity: 'sha512-x', from: 'installed' as const };
  const { versionBefore, scripts } = recallOf({
    scripts: { 'node_modules/a': [{ event: 'install', command: 'x', implicit: false }] },
    compared: { 'node_modules/a': before, 'node_modules/b': null },
  });
  const verdict = { action: 'allow' } as Verdict;
  const nodeAt = (name: string) => ({ location: `node_modules/${name}`, name, source: 'registry' }) as PackageNode;
  let cached: Verdict | null = verdict;
  const scanner = { scan: async () => verdict, cached: () => cached, close: async () => undefined };
  const asked: string[] = [];
  const find = versionBefore(scanner, async ({ name }) => {
    asked.push(name);
    return null;
  });
  expect(await find(nodeAt('a'))).toEqual({ ...before, from: 'cache', verdict });
  expect(await find(nodeAt('b'))).toBeNull();
  expect(asked).toEqual([]);
  await find(nodeAt('c'));
  cached = null;
  await find(nodeAt('a'));
  expect(asked).toEqual(['c', 'a']);
  expect(scripts({ location: 'node_modules/a' } as TreeNode)).toHaveLength(1);
  expect(scripts({ location: 'node_modules/b' } as TreeNode)).toEqual([]);
});

test('what was logged is said again as it was shown', () => {
  const said: unknown[] = [];
  const bus = process as unknown as NodeJS.EventEmitter;
  const listen = (...args: unknown[]): void => void said.push(args);
  const log = new TreeLog();
  bus.emit('log', 'warn', 'EBADENGINE', 'Unsupported engine', { package: 'a@1' });
  bus.emit('log', 'silly', 'x', 'y');
  log.end();
  bus.emit('log', 'warn', 'later', 'z');
  bus.on('log', listen);
  sayAgain(log.lines);
  bus.off('log', listen);
  expect(said).toEqual([['warn', "EBADENGINE Unsupported engine { package: 'a@1' }"]]);
});

test('folders of packages are made in an empty node_modules, and what was written is removed again', async () => {
  const root = join(base, 'one');
  const nodes = ['node_modules/@s/a', 'node_modules/b/node_modules/@s/c', 'node_modules/b'].map(
    (location) => ({ location }) as TreeNode,
  );
  makeFolders(nodes, root);
  for (const { location } of nodes) expect(existsSync(join(root, location))).toBe(true);
  makeFolders(nodes, root);
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '');
  mkdirSync(join(root, 'node_modules', '.cache'));
  await removeWritten(nodes, root);
  expect(readdirSync(join(root, 'node_modules'))).toEqual(['.cache']);
  rmSync(join(root, 'node_modules', '.cache'), { recursive: true });
  symlinkSync(base, join(root, 'node_modules', 'b'));
  expect(() => makeFolders(nodes, root)).toThrow(/EEXIST/);
});
