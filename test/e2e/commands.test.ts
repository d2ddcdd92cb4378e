import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { judged, plain, talker } from './made.js';
import { markerScanner } from './marker-scanner.js';
import { hashTree, makeProject, type TestProject } from './project.js';
import { packMade, startRegistry, type TestRegistry } from './registry.js';

const rooms = { createScanner: markerScanner };
const npmCli = join(dirname(createRequire(import.meta.url).resolve('npm/package.json')), 'bin', 'npm-cli.js');
let registry: TestRegistry;
const projects: TestProject[] = [];

async function project(files: Record<string, unknown>): Promise<TestProject> {
  const made = await makeProject(registry.url, files);
  projects.push(made);
  return made;
}

async function npm(made: TestProject, args: string[]): Promise<void> {
  const settings = ['--registry', registry.url, '--cache', join(made.outside, 'npm-cache')];
  await promisify(execFile)(
    process.execPath,
    [npmCli, ...args, ...settings, '--ignore-scripts', '--no-audit', '--no-fund'],
    { cwd: made.path, env: { PATH: process.env['PATH'], HOME: made.outside } },
  );
}

/** Does the same with npm and with us, and compares everything: node_modules, package.json, lock file, hidden lock file. */
async function sameAsNpm(
  files: Record<string, unknown>,
  steps: { command: 'install' | 'ci' | 'update' | 'uninstall'; specs?: string[]; argv?: string[] }[],
): Promise<TestProject> {
  const theirs = await project(files);
  const ours = await project(files);
  for (const { command, specs = [], argv = [] } of steps) {
    await npm(theirs, [command, ...specs, ...argv]);
    const report = await ours.run(command, specs, { rooms, argv: [...argv, '--ignore-scripts'] });
    expect(report).toMatchObject({ exitCode: 0, error: null });
  }
  const [a, b] = [await hashTree(ours.path), await hashTree(theirs.path)];
  expect(a).toEqual(b);
  expect(a.size).toBeGreaterThan(3);
  return ours;
}

beforeAll(async () => {
  registry = await startRegistry();
  for (const made of [
    plain('leaf', '1.0.0', { bin: { leaf: 'index.js' } }),
    plain('leaf', '1.2.0', { bin: { leaf: 'index.js' } }),
    plain('leaf', '2.0.0', { bin: { leaf: 'index.js', 'leaf-two': 'index.js' } }),
    plain('mid', '1.0.0', { dependencies: { leaf: '^1.0.0' }, bin: 'index.js' }),
    plain('@fx/scoped', '1.0.0', { dependencies: { leaf: '^2.0.0' }, bin: { scoped: 'index.js' } }),
    talker(
      'bundler',
      '1.0.0',
      [],
      { bundleDependencies: ['inside'], dependencies: { inside: '1.0.0' } },
      {
        'node_modules/inside/package.json': JSON.stringify({ name: 'inside', version: '1.0.0', main: 'index.js' }),
        'node_modules/inside/index.js': 'module.exports = 1;\n',
      },
    ),
    plain('shrunk', '1.0.0', { dependencies: { hidden: '^1.0.0' } }),
    judged('hidden', '1.0.0', 'block'),
    plain('hidden', '1.1.0'),
    plain('elsewhere', '1.0.0', { os: ['aix'] }),
  ]) {
    await registry.publish(made);
  }
  // A package with a shrinkwrap that pins what the registry would not choose.
  const wrapped = plain('wrapped', '1.0.0', { dependencies: { hidden: '^1.0.0' }, _hasShrinkwrap: true });
  await registry.publish({
    ...wrapped,
    files: {
      ...wrapped.files,
      'npm-shrinkwrap.json': JSON.stringify({
        name: 'wrapped',
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: {
          '': { name: 'wrapped', version: '1.0.0', dependencies: { hidden: '^1.0.0' } },
          'node_modules/hidden': { version: '1.0.0', resolved: `${registry.url}hidden/-/hidden-1.0.0.tgz` },
        },
      }),
    },
  });
});
afterEach(async () => {
  for (const made of projects.splice(0)) {
    await made.remove();
  }
});
afterAll(() => registry.stop());

const bare = { 'package.json': { name: 'p', version: '1.0.0' } };

describe('the same tree, package.json and lock file as npm', () => {
  test.each(['hoisted', 'nested', 'shallow', 'linked'])('install and save, %s', async (strategy) => {
    const argv = ['--install-strategy', strategy];
    await sameAsNpm(bare, [
      { command: 'install', specs: ['mid', '@fx/scoped@1'], argv },
      { command: 'install', specs: ['leaf@1.0.0'], argv: [...argv, '-D', '-E'] },
      { command: 'install', specs: ['other@npm:leaf@^2.0.0'], argv: [...argv, '-O'] },
      { command: 'ci', argv },
    ]);
  });

  test('update and uninstall', async () => {
    const ours = await sameAsNpm(
      { 'package.json': { name: 'p', version: '1.0.0', dependencies: { leaf: '1.0.0', mid: '*' } } },
      [{ command: 'install' }],
    );
    expect((await ours.json('node_modules/leaf/package.json'))['version']).toBe('1.0.0');
    const start = {
      'package.json': { name: 'p', version: '1.0.0', dependencies: { leaf: '^1.0.0', mid: '*', '@fx/scoped': '1' } },
      'package-lock.json': {
        name: 'p',
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: {
          '': { name: 'p', version: '1.0.0', dependencies: { leaf: '^1.0.0', mid: '*', '@fx/scoped': '1' } },
          'node_modules/leaf': {
            version: '1.0.0',
            resolved: `${registry.url}leaf/-/leaf-1.0.0.tgz`,
            bin: { leaf: 'index.js' },
          },
        },
      },
    };
    const updated = await sameAsNpm(start, [{ command: 'install' }, { command: 'update' }]);
    expect((await updated.json('node_modules/leaf/package.json'))['version']).toBe('1.2.0');
    await sameAsNpm(start, [{ command: 'install' }, { command: 'uninstall', specs: ['mid', '@fx/scoped'] }]);
    await sameAsNpm(start, [{ command: 'install' }, { command: 'update', specs: ['leaf'], argv: ['--save'] }]);
  });

  test('overrides, workspaces, links, bundled and other platforms’ packages', async () => {
    await sameAsNpm(
      {
        'package.json': {
          name: 'p',
          version: '1.0.0',
          workspaces: ['packages/*'],
          dependencies: { '@fx/scoped': '1.0.0', bundler: '1.0.0', linked: 'file:linked' },
          optionalDependencies: { elsewhere: '1.0.0' },
          overrides: { '@fx/scoped': { leaf: '1.0.0' } },
        },
        'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { leaf: '2.0.0', b: '1.0.0' } },
        'packages/b/package.json': {
          name: 'b',
          version: '1.0.0',
          bin: { b: 'b.js' },
          devDependencies: { mid: '1.0.0' },
        },
        'packages/b/b.js': '#!/usr/bin/env node\n',
        'linked/package.json': { name: 'linked', version: '3.0.0', dependencies: { leaf: '1.2.0' } },
      },
      [{ command: 'install' }, { command: 'install', specs: ['leaf@1.0.0'], argv: ['-w', 'a'] }, { command: 'ci' }],
    );
  });

  test('file tarballs, folders that are packed, omitted and added dependency types', async () => {
    const tarball = await packMade(plain('from-file', '1.0.0', { bin: { 'from-file': 'index.js' } }));
    const files = {
      'package.json': {
        name: 'p',
        version: '1.0.0',
        dependencies: { 'from-file': 'file:from-file.tgz', packed: 'file:packed' },
        devDependencies: { leaf: '2.0.0' },
      },
      'packed/package.json': { name: 'packed', version: '1.0.0', scripts: { prepare: 'exit 5' }, files: ['in.js'] },
      'packed/in.js': '1\n',
      'packed/out.js': '2\n',
    };
    const [theirs, ours] = [await project(files), await project(files)];
    for (const made of [theirs, ours]) {
      await writeFile(join(made.path, 'from-file.tgz'), tarball);
    }
    const argv = ['--install-links', '--omit', 'dev'];
    await npm(theirs, ['install', ...argv]);
    const report = await ours.run('install', [], { rooms, argv: [...argv, '--ignore-scripts'] });
    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(report.packages.map(({ name, source }) => `${name} ${source}`).sort()).toEqual([
      'from-file file',
      'packed directory',
    ]);
    expect(await hashTree(ours.path)).toEqual(await hashTree(theirs.path));
    expect(existsSync(join(ours.path, 'node_modules/packed/out.js'))).toBe(false);
  });

  test('a lock file only, a dry run, no package.json at all', async () => {
    await sameAsNpm(bare, [{ command: 'install', specs: ['mid'], argv: ['--package-lock-only'] }, { command: 'ci' }]);
    await sameAsNpm({ 'notes.txt': 'x' }, [{ command: 'install', specs: ['mid', 'leaf'] }]);
    const made = await project(bare);
    const before = await made.tree();
    const report = await made.run('install', ['mid'], { rooms, argv: ['--dry-run'] });
    expect(report).toMatchObject({ exitCode: 0, dryRun: true, changes: { added: 2, removed: 0, changed: 0 } });
    expect(report.packages.map(({ name }) => name).sort()).toEqual(['leaf', 'mid']);
    expect(await made.tree()).toEqual(before);
  });
});

test('what a package’s own shrinkwrap brings in is scanned before it is written', async () => {
  const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { wrapped: '1.0.0' } } });
  const before = await made.tree();
  const report = await made.run('install', [], { rooms });
  expect(report).toMatchObject({ exitCode: 10 });
  expect(report.error?.message).toContain('hidden@1.0.0');
  expect(await made.tree()).toEqual(before);
});

test('offline: from the cache, or a clear error', async () => {
  const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { mid: '1.0.0' } } });
  const cold = await made.run('install', [], { rooms, argv: ['--offline'] });
  expect(cold).toMatchObject({ exitCode: 1, error: { code: 'ENOTCACHED' } });
  await made.run('install', [], { rooms });
  const tree = await made.tree();
  await rm(join(made.path, 'node_modules'), { recursive: true });
  expect((await made.run('ci', [], { rooms, argv: ['--offline'] })).exitCode).toBe(0);
  expect(await made.tree()).toEqual(tree);
});

test('each tarball is asked for once', async () => {
  const { createServer } = await import('node:http');
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    const answer = await fetch(registry.url + (request.url ?? '').slice(1), {
      headers: { accept: request.headers.accept ?? '*/*' },
    });
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type });
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.end(type.includes('json') ? bytes.toString().replaceAll(registry.url, url()) : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = (): string => `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  try {
    const made = await makeProject(url(), {
      'package.json': { name: 'p', version: '1.0.0', dependencies: { mid: '1.0.0', '@fx/scoped': '1.0.0' } },
    });
    projects.push(made);
    expect((await made.run('install', [], { rooms })).exitCode).toBe(0);
    const tarballs = asked.filter((path) => path.endsWith('.tgz'));
    expect(tarballs.length).toBe(4);
    expect(new Set(tarballs).size).toBe(4);
  } finally {
    server.close();
  }
});

test('a global install goes to the prefix, with its bins, and a failed one leaves nothing', async () => {
  await registry.publish(
    talker('breaks', '1.0.0', [], { scripts: { install: 'exit 4' }, bin: { breaks: 'index.js' } }),
  );
  const made = await project(bare);
  const prefix = join(made.outside, 'prefix');
  await mkdir(join(prefix, 'bin'), { recursive: true });
  await writeFile(join(prefix, 'bin/node'), 'not a bin of ours\n');
  const report = await made.run('install', ['mid'], { rooms, argv: ['-g', '--prefix', prefix] });
  expect(report).toMatchObject({ exitCode: 0, error: null });
  expect(existsSync(join(prefix, 'lib/node_modules/mid/node_modules/leaf/package.json'))).toBe(true);
  expect(existsSync(join(prefix, 'bin/mid'))).toBe(true);
  expect(await readFile(join(prefix, 'bin/node'), 'utf8')).toBe('not a bin of ours\n');
  expect(existsSync(join(made.path, 'node_modules'))).toBe(false);
  const before = await hashTree(prefix);
  const failed = await made.run('install', ['breaks'], { rooms, argv: ['-g', '--prefix', prefix] });
  expect(failed.exitCode).toBe(4);
  expect(await hashTree(prefix)).toEqual(before);
  const removed = await made.run('uninstall', ['mid'], { rooms, argv: ['-g', '--prefix', prefix] });
  expect(removed.exitCode).toBe(0);
  expect(existsSync(join(prefix, 'bin/mid'))).toBe(false);
});
