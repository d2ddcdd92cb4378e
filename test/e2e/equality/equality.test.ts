import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchCache, layProject } from '../../../bench/harness/project.js';
import { npm11 } from '../../../bench/harness/tools.js';
import { type BenchRegistry, startRegistry } from '../../../bench/registry/start.js';
import { differenceLine, diffTrees, type Explanation, explainDifferences } from '../../../scripts/trees/difference.js';
import { snapshotTree, type TreeSnapshot } from '../../../scripts/trees/snapshot.js';
import { rebuildConfined, runTool, type ToolFolders } from './run-tool.js';

// The others take minutes each on two cores: SAFE_INSTALL_EQUALITY=small,native,medium,large compares them too.
const projects = (process.env['SAFE_INSTALL_EQUALITY'] ?? 'small').split(',');

const own = [
  process.execPath,
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  fileURLToPath(new URL('./allowing-install.ts', import.meta.url)),
];

let base: string;
let registry: BenchRegistry;

beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  base = await mkdtemp(join(tmpdir(), 'safe-install-equality-'));
  registry = await startRegistry(join(benchCache(), 'registry'));
});

afterAll(async () => {
  registry?.close();
  if (base) await rm(base, { recursive: true, force: true });
});

// Both tools install into the same path, one after the other: a path that a tool writes into a file is then the same.
async function treeOf(argv: string[], args: string[], folders: ToolFolders, lay: (folder: string) => Promise<void>) {
  const folder = join(base, 'project');
  await lay(folder);
  await runTool([...argv, ...args], folder, folders, registry.url);
  return snapshotTree(folder);
}

async function foldersFor(name: string): Promise<ToolFolders> {
  const own = await mkdtemp(join(base, `${name}-`));
  return { home: join(own, 'home'), cache: join(own, 'cache'), state: join(own, 'state') };
}

function expectSame(npm: TreeSnapshot, ours: TreeSnapshot): void {
  expect(npm.has('node_modules/.package-lock.json')).toBe(true);
  expect(diffTrees(npm, ours).map(differenceLine)).toEqual([]);
}

/** What node-gyp notes of the tool that called it: its own place, cache and user agent. */
const NOTES: Explanation = {
  reason: 'node-gyp writes down who called it',
  explains: ({ path, left, right }) =>
    /\/build\/(Makefile|config\.gypi)$/.test(path) && left?.type === 'file' && right?.type === 'file',
};

describe.each(projects)('project %s', (project) => {
  const lay = (folder: string) => layProject(project, folder, registry.url);
  let npmFolders: ToolFolders;
  let ownFolders: ToolFolders;
  let npmTree: TreeSnapshot;

  beforeAll(async () => {
    npmFolders = await foldersFor('npm');
    ownFolders = await foldersFor('own');
    npmTree = await treeOf(npm11, ['ci', '--ignore-scripts'], npmFolders, lay);
  });

  test('cold: the tree that npm ci gives', async () => {
    expectSame(npmTree, await treeOf(own, ['ci', '--ignore-scripts'], ownFolders, lay));
  });

  test('warm cache, verdicts and store, by the tree that is known now: the same tree again', async () => {
    expect(await readdir(join(ownFolders.state, 'trees'))).toHaveLength(1);
    expectSame(npmTree, await treeOf(own, ['ci', '--ignore-scripts'], ownFolders, lay));
  });

  test('warm cache without verdicts and store: the same tree again', async () => {
    await rm(ownFolders.state, { recursive: true, force: true });
    expectSame(npmTree, await treeOf(own, ['ci', '--ignore-scripts'], ownFolders, lay));
  });

  test('with scripts: the tree that npm gives when it runs them without the network', async () => {
    const folders = await foldersFor('npm-scripts');
    const project = join(base, 'project');
    await lay(project);
    await runTool([...npm11, 'ci', '--ignore-scripts'], project, folders, registry.url);
    await rebuildConfined(npm11, project, folders, registry.url);
    const npm = await snapshotTree(project);
    expect(diffTrees(npmTree, npm), 'scripts of the project changed something').not.toEqual([]);
    const ours = await treeOf(own, ['ci'], await foldersFor('own-scripts'), lay);
    expect(explainDifferences(diffTrees(npm, ours), [NOTES]).unexplained.map(differenceLine)).toEqual([]);
  });

  test('nothing to do: an install over the finished tree changes nothing, as with npm', async () => {
    const stay = async (): Promise<void> => {};
    const again = await treeOf(own, ['install', '--ignore-scripts'], ownFolders, stay);
    const npmAgain = await treeOf(npm11, ['install', '--ignore-scripts'], npmFolders, stay);
    expectSame(npmAgain, again);
  });
});

describe('install from package.json alone', () => {
  const layWithoutLock = async (folder: string): Promise<void> => {
    await layProject('small', folder, registry.url);
    await rm(join(folder, 'package-lock.json'));
  };

  test('resolves to the same lock files and tree', async () => {
    const args = ['install', '--ignore-scripts'];
    const npm = await treeOf(npm11, args, await foldersFor('npm'), layWithoutLock);
    const npmLock = await readFile(join(base, 'project', 'package-lock.json'), 'utf8');
    const ours = await treeOf(own, args, await foldersFor('own'), layWithoutLock);
    expect(await readFile(join(base, 'project', 'package-lock.json'), 'utf8')).toBe(npmLock);
    expectSame(npm, ours);
  });

  test('adds a package as npm does', async () => {
    const args = ['install', '--ignore-scripts', '-D', 'ms@2'];
    const lay = (folder: string) => layProject('small', folder, registry.url);
    expectSame(
      await treeOf(npm11, args, await foldersFor('npm'), lay),
      await treeOf(own, args, await foldersFor('own'), lay),
    );
  });

  test('the linked strategy gives the same store and links', async () => {
    const args = ['install', '--ignore-scripts', '--install-strategy=linked'];
    const lay = (folder: string) => layProject('small', folder, registry.url);
    expectSame(
      await treeOf(npm11, args, await foldersFor('npm'), lay),
      await treeOf(own, args, await foldersFor('own'), lay),
    );
  });
});
