import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { plain, talker } from './made.js';
import { markerScanner } from './marker-scanner.js';
import { makeProject, type TestProject } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

const rooms = { createScanner: markerScanner };
const npmCli = join(dirname(createRequire(import.meta.url).resolve('npm/package.json')), 'bin', 'npm-cli.js');
const run = promisify(execFile);
let registry: TestRegistry;
const projects: TestProject[] = [];

async function project(files: Record<string, unknown>): Promise<TestProject> {
  const made = await makeProject(registry.url, files);
  projects.push(made);
  return made;
}

/** Runs npm 11 itself, with its scripts bare on this machine: the packages are this file's own. */
async function npm(made: TestProject, args: string[]): Promise<{ log: string[]; code: number }> {
  const log = join(made.outside, 'npm-log');
  const code = await run(
    process.execPath,
    [
      npmCli,
      ...args,
      '--registry',
      registry.url,
      '--cache',
      join(made.outside, 'npm-cache'),
      '--no-audit',
      '--no-fund',
    ],
    { cwd: made.path, env: { PATH: process.env['PATH'], HOME: made.outside, ROAD_LOG: log } },
  ).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
  const text = existsSync(log) ? await readFile(log, 'utf8') : '';
  return { log: text.split('\n').filter(Boolean), code };
}

const ALL = ['preinstall', 'install', 'postinstall', 'prepare'];

beforeAll(async () => {
  registry = await startRegistry();
  for (const made of [
    talker('leaf', '1.0.0', ALL),
    talker('leaf', '2.0.0', ALL),
    talker('mid', '1.0.0', ALL, { dependencies: { leaf: '1.0.0' } }),
    talker('top', '1.0.0', ALL, { dependencies: { mid: '1.0.0', leaf: '2.0.0' }, bin: { 'top-tool': 'index.js' } }),
    talker('@fx/scoped', '1.0.0', ['postinstall'], { optionalDependencies: { 'opt-fail': '1.0.0' } }),
    talker('opt-fail', '1.0.0', ['install', 'postinstall'], {
      scripts: { install: 'exit 3', postinstall: 'node talk.js postinstall' },
      dependencies: { 'opt-only': '1.0.0' },
    }),
    plain('opt-only', '1.0.0'),
    talker(
      'bundler',
      '1.0.0',
      ['install'],
      { bundleDependencies: ['inside'], dependencies: { inside: '1.0.0' } },
      {
        'node_modules/inside/package.json': JSON.stringify({
          name: 'inside',
          version: '1.0.0',
          scripts: { install: 'node talk.js install' },
        }),
        'node_modules/inside/talk.js': [
          "const line = 'install inside@1.0.0';",
          "if (process.env.ROAD_LOG) require('fs').appendFileSync(process.env.ROAD_LOG, line + '\\n');",
          'console.log(line);',
          '',
        ].join('\n'),
      },
    ),
    {
      manifest: { name: 'gyp', version: '1.0.0' },
      files: { 'binding.gyp': '{"targets":[{"target_name":"nothing","type":"none"}]}\n' },
    },
    talker('killed', '1.0.0', [], { scripts: { install: 'kill -9 $$' } }),
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

const WORKSPACES = {
  'package.json': {
    name: 'p',
    version: '1.0.0',
    workspaces: ['packages/*'],
    dependencies: { top: '1.0.0', leaf: '1.0.0', bundler: '1.0.0', '@fx/scoped': '1.0.0', linked: 'file:linked' },
    scripts: Object.fromEntries(
      [
        'preinstall',
        'install',
        'postinstall',
        'prepublish',
        'preprepare',
        'prepare',
        'postprepare',
        'dependencies',
      ].map((event) => [event, `node linked/talk.js ${event}`]),
    ),
  },
  'packages/ws/package.json': {
    name: 'ws',
    version: '1.0.0',
    dependencies: { leaf: '2.0.0' },
    scripts: Object.fromEntries(ALL.map((event) => [event, `node ../../linked/talk.js ${event}`])),
  },
  'linked/package.json': {
    name: 'linked',
    version: '1.0.0',
    scripts: Object.fromEntries(ALL.map((event) => [event, `node talk.js ${event}`])),
  },
  'linked/talk.js': talker('x', '1.0.0', []).files?.['talk.js'],
};

test.each(['hoisted', 'nested', 'linked'])(
  'scripts run in npm’s order, by phase, links last (%s)',
  async (strategy) => {
    const theirs = await project(WORKSPACES);
    const { log, code } = await npm(theirs, ['install', '--install-strategy', strategy]);
    expect(code).toBe(0);
    const ours = await project(WORKSPACES);
    const report = await ours.run('install', [], { rooms, argv: ['--install-strategy', strategy] });
    expect(report).toMatchObject({ exitCode: 0, error: null });
    expect(report.scripts.filter(({ exitCode }) => exitCode === 0).map((one) => `${one.event} ${one.package}`)).toEqual(
      log,
    );
    // The project and its workspaces are the user's own code; everything else is confined.
    const bare = report.scripts.filter(({ sandbox }) => sandbox === 'none').map((one) => one.package);
    expect(new Set(bare)).toEqual(new Set(['p@1.0.0', 'ws@1.0.0']));
  },
);

test('what scripts see in their environment is what npm gives them', async () => {
  await registry.publish({
    manifest: { name: 'env', version: '1.0.0', scripts: { install: 'node env.js' }, config: { port: '8080' } },
    files: {
      'env.js': [
        'const names = Object.keys(process.env).filter((name) => /^npm_(package|lifecycle)_/.test(name)).sort();',
        'const line = JSON.stringify(names.map((name) => [name, process.env[name]]));',
        "if (process.env.ROAD_LOG) require('fs').appendFileSync(process.env.ROAD_LOG, line + '\\n');",
        'console.log(line);',
        '',
      ].join('\n'),
    },
  });
  const files = { 'package.json': { name: 'p', version: '1.0.0', dependencies: { env: '1.0.0' } } };
  const theirs = await project(files);
  const { log } = await npm(theirs, ['install']);
  const ours = await project(files);
  const report = await ours.run('install', [], { rooms });
  const names = (line: string | undefined, root: string): Record<string, string> =>
    Object.fromEntries(
      (JSON.parse(line ?? '[]') as [string, string][]).map(([name, value]) => [name, value.replaceAll(root, '')]),
    );
  const seen = names(report.scripts[0]?.output.trim(), ours.path);
  expect(seen).toMatchObject(names(log[0], theirs.path));
  expect(seen['npm_package_config_port']).toBe('8080');
});

test('an optional package whose script fails is left out with all that only it wanted', async () => {
  const made = await project({
    'package.json': { name: 'p', version: '1.0.0', dependencies: { '@fx/scoped': '1.0.0' } },
  });
  const report = await made.run('install', [], { rooms });
  expect(report).toMatchObject({ exitCode: 0, error: null });
  expect(report.scripts.map(({ event, package: id, exitCode }) => [event, id, exitCode])).toEqual([
    ['install', 'opt-fail@1.0.0', 3],
    ['postinstall', '@fx/scoped@1.0.0', 0],
  ]);
  expect(existsSync(join(made.path, 'node_modules/opt-fail'))).toBe(false);
  expect(existsSync(join(made.path, 'node_modules/opt-only'))).toBe(false);
  const theirs = await project({
    'package.json': { name: 'p', version: '1.0.0', dependencies: { '@fx/scoped': '1.0.0' } },
  });
  await npm(theirs, ['install']);
  expect(await made.read('package-lock.json')).toBe(await theirs.read('package-lock.json'));
  expect(await made.read('node_modules/.package-lock.json')).toBe(await theirs.read('node_modules/.package-lock.json'));
});

test('a bare binding.gyp is built with node-gyp, in the sandbox', async () => {
  const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { gyp: '1.0.0' } } });
  const report = await made.run('install', [], { rooms });
  expect(report.scripts.map(({ event, command, sandbox }) => [event, command, sandbox])).toEqual([
    ['install', 'node-gyp rebuild', 'full'],
  ]);
  expect(report.scripts[0]?.output).toMatch(/gyp info|gyp ERR/);
});

test('a script that a signal ends fails the install with 1', async () => {
  const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { killed: '1.0.0' } } });
  const before = await made.tree();
  const report = await made.run('install', [], { rooms });
  expect(report.error?.code).toBe('ELIFECYCLE');
  expect(report.exitCode).not.toBe(0);
  expect(await made.tree()).toEqual(before);
});

test('--ignore-scripts runs nothing, not the project’s own either, and links bins', async () => {
  const made = await project(WORKSPACES);
  const report = await made.run('install', [], { rooms, argv: ['--ignore-scripts'] });
  expect(report).toMatchObject({ exitCode: 0, scripts: [] });
  expect(existsSync(join(made.path, 'node_modules/.bin/top-tool'))).toBe(true);
});

test('a failing script of the project itself ends with its code; the tree stays, as npm leaves it', async () => {
  const made = await project({
    'package.json': {
      name: 'p',
      version: '1.0.0',
      dependencies: { leaf: '1.0.0' },
      scripts: { postinstall: 'exit 9' },
    },
  });
  const report = await made.run('install', [], { rooms });
  expect(report).toMatchObject({ exitCode: 9, error: { code: 'ELIFECYCLE' } });
  expect(existsSync(join(made.path, 'node_modules/leaf/package.json'))).toBe(true);
  const theirs = await project({
    'package.json': {
      name: 'p',
      version: '1.0.0',
      dependencies: { leaf: '1.0.0' },
      scripts: { postinstall: 'exit 9' },
    },
  });
  expect((await npm(theirs, ['install'])).code).toBe(9);
  expect(existsSync(join(theirs.path, 'node_modules/leaf/package.json'))).toBe(true);
});

test('an interrupted install ends its script, rolls back and says so', async () => {
  await registry.publish(talker('slow', '1.0.0', [], { scripts: { install: 'sleep 60' } }));
  const made = await project({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { slow: '1.0.0' } } });
  const before = await made.tree();
  const abort = new AbortController();
  const started = Date.now();
  const report = await made.run('install', [], {
    rooms,
    signal: abort.signal,
    onProgress: ({ phase }) => {
      if (phase === 'scripts') {
        setTimeout(() => abort.abort(), 300);
      }
    },
  });
  expect(report).toMatchObject({ exitCode: 130, error: { code: 'EINTERRUPTED' } });
  expect(Date.now() - started).toBeLessThan(20_000);
  expect(await made.tree()).toEqual(before);
});
