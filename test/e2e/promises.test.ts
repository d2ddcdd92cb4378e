import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { extractPinned } from '../../src/fetch/index.js';
import type { Rooms } from '../../src/install/index.js';
import { judged, plain, talker } from './made.js';
import { markerScanner } from './marker-scanner.js';
import { makeProject, type TestProject } from './project.js';
import { packMade, startRegistry, type TestRegistry, writePackage } from './registry.js';

const rooms = { createScanner: markerScanner };
const git = promisify(execFile).bind(null, 'git');
let registry: TestRegistry;
const projects: TestProject[] = [];

async function project(files: Record<string, unknown>): Promise<TestProject> {
  const made = await makeProject(registry.url, files);
  projects.push(made);
  return made;
}

/** A project that has `kept@1.0.0` installed, with a bin, a user's file in node_modules and a lock file. */
async function settled(): Promise<TestProject> {
  const made = await project({
    'package.json': { name: 'p', version: '1.0.0', dependencies: { kept: '1.0.0' } },
    'notes.txt': 'mine\n',
  });
  expect((await made.run('install', [], { rooms })).exitCode).toBe(0);
  await writeFile(join(made.path, 'node_modules/kept/local-patch.txt'), 'mine too\n');
  return made;
}

beforeAll(async () => {
  registry = await startRegistry();
  const binless = { bin: { 'new-tool': 'index.js' } };
  for (const made of [
    plain('kept', '1.0.0', { bin: { 'kept-tool': 'index.js' }, dependencies: { below: '1.0.0' } }),
    plain('kept', '1.1.0', {
      bin: { 'kept-tool': 'index.js', 'kept-more': 'index.js' },
      dependencies: { below: '1.1.0' },
    }),
    plain('below', '1.0.0'),
    plain('below', '1.1.0', binless),
    judged('evil', '1.0.0', 'block', { ...binless, dependencies: { kept: '1.1.0' } }),
    judged('odd', '1.0.0', 'review'),
    talker('fails', '1.0.0', ['preinstall', 'postinstall'], {
      ...binless,
      dependencies: { kept: '1.1.0' },
      scripts: { preinstall: 'node talk.js preinstall', postinstall: 'echo last words; exit 7' },
    }),
    talker('good', '1.0.0', ['postinstall']),
    {
      manifest: { name: 'hijack', version: '1.0.0', bin: { node: 'x.sh', sh: 'x.sh', env: 'x.sh', npm: 'x.sh' } },
      files: { 'x.sh': { content: '#!/bin/sh\necho HIJACKED-$0\necho yes > "$HOME/hijacked"\n', mode: 0o755 } },
    },
    talker('victim', '1.0.0', ['install'], { dependencies: { hijack: '1.0.0' } }),
  ]) {
    await registry.publish(made);
  }
});
afterEach(async () => {
  for (const made of projects.splice(0)) {
    await made.remove();
  }
});
afterAll(() => registry.stop());

describe('P2: a blocked install changes nothing', () => {
  test.each(['install', 'ci'] as const)('a fresh project stays as it was (%s)', async (command) => {
    const made = await project({
      'package.json': { name: 'p', version: '1.0.0', dependencies: { evil: '1.0.0' } },
    });
    if (command === 'ci') {
      await made.run('install', [], { rooms, argv: ['--package-lock-only'] });
    }
    const before = await made.tree();
    const report = await made.run(command, [], { rooms });
    expect(report.error).toMatchObject({ code: 'EBLOCKED' });
    expect(report.exitCode).toBe(10);
    expect(report.packages.find(({ name }) => name === 'evil')?.decision?.action).toBe('block');
    expect(await made.tree()).toEqual(before);
  });

  test('a project with packages stays as it was, byte for byte, with modes and links', async () => {
    const made = await settled();
    const before = await made.tree();
    const report = await made.run('install', ['evil@1.0.0'], { rooms });
    expect(report.exitCode).toBe(10);
    expect(report.changes).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(await made.tree()).toEqual(before);
  });

  test('a blocked ci leaves the old node_modules', async () => {
    const made = await settled();
    await made.write({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { evil: '1.0.0' } } });
    await made.run('install', [], { rooms, argv: ['--package-lock-only'] });
    const before = await made.tree();
    expect((await made.run('ci', [], { rooms })).exitCode).toBe(10);
    expect(await made.tree()).toEqual(before);
  });

  test('a node_modules that is a link stays one', async () => {
    const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { evil: '1.0.0' } } });
    await mkdir(join(made.outside, 'elsewhere'));
    await symlink('../elsewhere', join(made.path, 'node_modules'));
    const before = await made.tree();
    expect((await made.run('install', [], { rooms })).exitCode).toBe(10);
    expect(await made.tree()).toEqual(before);
  });

  test('a review that nobody answers writes nothing and ends with 11', async () => {
    const made = await settled();
    const before = await made.tree();
    const report = await made.run('install', ['odd'], { rooms });
    expect(report).toMatchObject({ exitCode: 11, error: { code: 'EREVIEW' } });
    expect(await made.tree()).toEqual(before);
  });
});

describe('P2: a failed script rolls everything back', () => {
  test.each(['hoisted', 'nested', 'linked'])('install, %s', async (strategy) => {
    const made = await project({
      'package.json': { name: 'p', version: '1.0.0', dependencies: { kept: '1.0.0' } },
    });
    const argv = ['--install-strategy', strategy];
    await made.run('install', [], { rooms, argv });
    const before = await made.tree();
    const report = await made.run('install', ['fails'], { rooms, argv });
    expect(report.exitCode).toBe(7);
    expect(report.error).toMatchObject({ code: 'ELIFECYCLE' });
    expect(report.scripts.map(({ event, exitCode }) => [event, exitCode])).toEqual([
      ['preinstall', 0],
      ['postinstall', 7],
    ]);
    expect(report.scripts[1]?.output).toContain('last words');
    expect(await made.tree()).toEqual(before);
  });

  test('ci brings the old tree back, with what the user had put there', async () => {
    const made = await settled();
    const lock = await made.read('package-lock.json');
    await made.write({
      'package.json': { name: 'p', version: '1.0.0', dependencies: { kept: '1.0.0', fails: '1.0.0' } },
    });
    await made.run('install', [], { rooms, argv: ['--package-lock-only'] });
    expect(await made.read('package-lock.json')).not.toBe(lock);
    const before = await made.tree();
    expect((await made.run('ci', [], { rooms })).exitCode).toBe(7);
    expect(await made.tree()).toEqual(before);
    expect(await made.read('node_modules/kept/local-patch.txt')).toBe('mine too\n');
  });

  test('a project that had nothing has nothing', async () => {
    const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { fails: '1.0.0' } } });
    const before = await made.tree();
    expect((await made.run('install', [], { rooms })).exitCode).toBe(7);
    expect(await made.tree()).toEqual(before);
  });

  test('a lock file that cannot be saved brings tree and package.json back', async () => {
    const made = await settled();
    await rm(join(made.path, 'package-lock.json'));
    await mkdir(join(made.path, 'package-lock.json'));
    await writeFile(join(made.path, 'package-lock.json/in-the-way'), '');
    const before = await made.tree();
    const report = await made.run('install', ['kept@1.1.0', 'good'], { rooms });
    expect(report.exitCode).toBe(1);
    expect(await made.tree()).toEqual(before);
  });
});

describe('P1: no dependency code runs outside the sandbox', () => {
  test('a script sees neither the project nor the home, and leaves a trace in its own folder only', async () => {
    const made = await project({
      'package.json': { name: 'p', version: '1.0.0', dependencies: { spy: '1.0.0' } },
      '.env': 'SECRET=1\n',
    });
    await registry.publish({
      manifest: {
        name: 'spy',
        version: '1.0.0',
        scripts: { install: 'npm run --silent nested', nested: 'sh -c "node spy.js"' },
      },
      files: {
        'spy.js': [
          "const fs = require('fs'), path = require('path');",
          'const root = path.resolve(process.cwd(), "../..");',
          'const seen = {};',
          `for (const file of [path.join(root, '.env'), ${JSON.stringify(made.outside)} + '/user.npmrc']) {`,
          "  try { seen[path.basename(file)] = fs.readFileSync(file, 'utf8'); } catch (e) { seen[path.basename(file)] = e.code; } }",
          "for (const file of [path.join(root, 'planted'), path.join(root, 'node_modules', 'planted'), '/var/tmp/planted-by-spy']) {",
          "  try { fs.writeFileSync(file, 'x'); } catch {} }",
          "fs.writeFileSync('here', 'x');",
          'console.log(JSON.stringify(seen));',
          '',
        ].join('\n'),
      },
    });
    await writeFile(join(made.outside, 'user.npmrc'), '//registry.example/:_authToken=canary\n');
    const report = await made.run('install', [], { rooms });
    expect(report.exitCode).toBe(0);
    expect(report.scripts[0]?.sandbox).toBe('full');
    const seen = JSON.parse(report.scripts[0]?.output.trim().split('\n').at(-1) ?? '{}');
    expect(seen['.env']).toBe('ENOENT');
    expect(seen['user.npmrc']).toBe('ENOENT');
    expect(existsSync('/var/tmp/planted-by-spy')).toBe(false);
    expect(existsSync(join(made.path, 'planted'))).toBe(false);
    expect(existsSync(join(made.path, 'node_modules/planted'))).toBe(false);
    expect(await made.read('node_modules/spy/here')).toBe('x');
  });

  test('a git dependency is fetched without running anything of it, and installed', async () => {
    const made = await project({ 'package.json': { name: 'p', version: '1.0.0' } });
    const repository = join(made.outside, 'repository');
    const trace = join(made.outside, 'trace');
    const leave = `node -e "require('fs').appendFileSync('${trace}', process.env.npm_lifecycle_event)"`;
    await writePackage(repository, {
      manifest: {
        name: 'from-git',
        version: '1.0.0',
        scripts: Object.fromEntries(
          ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'prepack', 'build'].map((event) => [
            event,
            `${leave}; true`,
          ]),
        ),
        devDependencies: { good: '1.0.0' },
      },
      files: { 'index.js': 'module.exports = 1;\n' },
    });
    const at = { cwd: repository };
    await git(['init', '-q', '-b', 'main'], at);
    await git(['add', '.'], at);
    await git(['-c', 'user.name=t', '-c', 'user.email=t@t.test', 'commit', '-qm', 'first'], at);
    const report = await made.run('install', [`git+file://${repository}`], { rooms });
    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(existsSync(trace)).toBe(false);
    expect(report.packages[0]).toMatchObject({ name: 'from-git', source: 'git' });
    expect(report.packages[0]?.integrity).toMatch(/^sha512-/);
    expect(report.scripts.map(({ event, sandbox }) => `${event} ${sandbox}`)).toEqual([
      'preinstall full',
      'install full',
      'postinstall full',
    ]);
    expect(report.warnings.join()).toContain('prepare of from-git (git) was not run');
    const lock = await made.json<{ packages: Record<string, { resolved: string; integrity?: string }> }>(
      'package-lock.json',
    );
    expect(lock.packages['node_modules/from-git']?.resolved).toMatch(/#[0-9a-f]{40}$/);
    // Approved, its prepare runs, in the sandbox.
    await made.write({
      'package.json': {
        ...(await made.json('package.json')),
        allowScripts: { [`git+file://${repository}`]: true },
      },
    });
    const again = await made.run('ci', [], { rooms });
    expect(again).toMatchObject({ exitCode: 0, error: null });
    expect(again.scripts.map(({ event, sandbox }) => `${event} ${sandbox}`)).toContain('prepare full');
    expect(existsSync(trace)).toBe(false);
  });

  test('a bin called node, sh, env or npm is not run as interpreter, not by dependency scripts and not by the project’s own', async () => {
    const made = await project({
      'package.json': {
        name: 'p',
        version: '1.0.0',
        dependencies: { victim: '1.0.0' },
        scripts: {
          postinstall: 'node -e "console.error(process.execPath)" && env true && sh -c "echo real" && npm run again',
          again: 'node -p 1 && sh -c "node -p 2"',
        },
      },
    });
    const report = await made.run('install', [], { rooms });
    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(report.scripts[0]).toMatchObject({ package: 'victim@1.0.0', exitCode: 0 });
    expect(report.scripts[0]?.output).toContain('install victim@1.0.0');
    expect(report.scripts.map(({ output }) => output).join()).not.toContain('HIJACKED');
    expect(existsSync(join(made.outside, 'hijacked'))).toBe(false);
    const shadows = report.events.filter((event) => event.class === 'bin-shadow');
    expect(new Set(shadows.map(({ target }) => target))).toEqual(new Set(['node', 'sh', 'env', 'npm']));
    // In the end they stand where npm puts them.
    await access(join(made.path, 'node_modules/.bin/node'));
    // The next install finds them there, and is not taken in either.
    const again = await made.run('ci', [], { rooms });
    expect(again.exitCode).toBe(0);
    expect(existsSync(join(made.outside, 'hijacked'))).toBe(false);
  });

  test('where no sandbox can be had, no script runs and nothing is written', async () => {
    const made = await settled();
    const before = await made.tree();
    const unavailable = async (): Promise<never> => {
      const { SandboxUnavailableError } = await import('../../src/sandbox/index.js');
      throw new SandboxUnavailableError('no bwrap here', ['Install it.']);
    };
    const refused = { ...rooms, requireSandbox: unavailable, createSandbox: unavailable };
    const report = await made.run('install', ['good'], { rooms: refused });
    expect(report).toMatchObject({ exitCode: 13, scripts: [], error: { code: 'ESANDBOXUNAVAILABLE' } });
    expect(await made.tree()).toEqual(before);
    // Nothing to run: no sandbox is asked for.
    expect((await made.run('install', ['below'], { rooms: refused })).exitCode).toBe(0);
    expect((await made.run('install', ['good'], { rooms: refused, argv: ['--ignore-scripts'] })).exitCode).toBe(0);
    expect(existsSync(join(made.path, 'node_modules/good/ran-postinstall'))).toBe(false);
  });
});

describe('P3: what was scanned is what is installed', () => {
  test('bytes that change in the cache between scan and extraction are refused', async () => {
    const made = await settled();
    const before = await made.tree();
    const tampering = {
      ...rooms,
      extract: async (...[name, pin, folder, settings]: Parameters<typeof extractPinned>) => {
        await writeFile(pin.file, await packMade(plain('good', '6.6.6')));
        return extractPinned(name, pin, folder, settings);
      },
    };
    const report = await made.run('install', ['good'], { rooms: tampering });
    expect(report.error).toMatchObject({ code: 'ESCANNEDCHANGED' });
    expect(report.exitCode).toBe(1);
    expect(await made.tree()).toEqual(before);
  });

  test('a remote tarball without a known hash that changes after the scan is not fetched again', async () => {
    const made = await project({ 'package.json': { name: 'p', version: '1.0.0' } });
    let served = await packMade(plain('moving', '1.0.0'));
    const other = await packMade(judged('moving', '1.0.0', 'block'));
    const server = createServer((_request, response) => response.end(served));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const createScanner: Rooms['createScanner'] = async (options) => {
      const scanner = await markerScanner(options);
      return {
        ...scanner,
        scan: async (target) => {
          const verdict = await scanner.scan(target);
          served = other;
          return verdict;
        },
      };
    };
    try {
      const report = await made.run('install', [`http://127.0.0.1:${port}/moving.tgz`], { rooms: { createScanner } });
      expect(report).toMatchObject({ exitCode: 0, error: null });
      expect(served).toBe(other);
      expect(existsSync(join(made.path, 'node_modules/moving/note.txt'))).toBe(false);
      expect(report.packages[0]).toMatchObject({ source: 'remote', name: 'moving' });
      // With the lock file's hash, the exchanged tarball is refused.
      await rm(join(made.outside, 'npm-cache'), { recursive: true });
      const before = await made.tree();
      const again = await made.run('ci', [], { rooms });
      expect(again).toMatchObject({ exitCode: 1, error: { code: 'EINTEGRITY' } });
      expect(await made.tree()).toEqual(before);
    } finally {
      server.close();
    }
  });

  test('a registry that serves other bytes than it names is refused', async () => {
    const made = await settled();
    await registry.publish(plain('swapped', '1.0.0'));
    await writeFile(
      join(registry.storage, 'swapped/swapped-1.0.0.tgz'),
      await packMade(judged('swapped', '1.0.0', 'review')),
    );
    const before = await made.tree();
    const report = await made.run('install', ['swapped'], { rooms });
    expect(report).toMatchObject({ exitCode: 1, error: { code: 'EINTEGRITY' } });
    expect(await made.tree()).toEqual(before);
  });
});
