import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { plain, talker } from './made.js';
import { makeProject, type RunOptions, type TestProject } from './project.js';
import { type MadePackage, startRegistry, type TestRegistry } from './registry.js';

// A clean install by the lock file, twice: the second time without arborist. The first is what npm's own code does.
let registry: TestRegistry;
let made: TestProject;
const logged: string[] = [];
let repeated = 0;
const listen = (level: unknown, ...args: unknown[]): void => {
  if (level === 'warn') logged.push(format(...args));
  if (level === 'verbose' && args[0] === 'tree') repeated += 1;
};
const argv = ['--replace-registry-host=never'];
const policy: RunOptions['policy'] = { thresholds: { review: 40, block: 75 } };
const run = (command: 'ci' | 'install', more: RunOptions = {}) => made.run(command, [], { argv, policy, ...more });

const nested: MadePackage = plain('@s/nests', '1.0.0', { dependencies: { two: '2.0.0' } });
const old: MadePackage = plain('old', '1.0.0', { engines: { node: '>=99' } });
const tool = (name: string): MadePackage => {
  const base = plain(name, '1.0.0', { bin: { tool: './cli.js', [`${name}-own`]: 'cli.js' } });
  return { ...base, files: { ...base.files, 'cli.js': `#!/usr/bin/env node\r\nconsole.log('${name}');\n` } };
};

beforeAll(async () => {
  registry = await startRegistry();
  const failing = talker('fails', '1.0.0', ['postinstall']);
  for (const each of [
    plain('two', '1.0.0'),
    plain('two', '2.0.0'),
    nested,
    old,
    tool('b-tool'),
    tool('a-tool'),
    talker('talks', '1.0.0', ['preinstall', 'postinstall']),
    { ...failing, files: { ...failing.files, 'talk.js': "require('fs').readFileSync('absent')" } },
    talker('may-fail', '1.0.0', ['postinstall'], {}, { 'talk.js': 'process.exit(3);' }),
  ])
    await registry.publish(each);
  process.on('log', listen);
});
afterAll(async () => {
  process.off('log', listen);
  await registry.stop();
});
afterEach(async () => {
  await made.remove();
  logged.length = 0;
  repeated = 0;
});

const trees = (): string[] => {
  const folder = join(made.outside, 'state', 'trees');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const project = async (dependencies: Record<string, string>, more: Record<string, unknown> = {}): Promise<void> => {
  made = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies, ...more },
  });
  expect(await run('install')).toMatchObject({ exitCode: 0 });
};
/** What a report says of packages, but for the time it took and where verdicts came from. */
const told = ({ packages, changes, scripts, warnings, events }: Awaited<ReturnType<typeof run>>) => ({
  packages: packages.map(({ verdict: { fromCache: _, ...verdict }, ...rest }) => ({ ...rest, verdict })),
  changes,
  scripts: scripts.map(({ package: id, event, exitCode }) => [id, event, exitCode]),
  warnings,
  events,
});

test('a second clean install gives the same tree and the same report, without arborist', async () => {
  await project({
    two: '1.0.0',
    '@s/nests': '1.0.0',
    'a-tool': '1.0.0',
    'b-tool': '1.0.0',
    talks: '1.0.0',
    old: '1.0.0',
  });
  expect(trees()).toEqual([]);
  logged.length = 0;
  const first = await run('ci');
  expect(first).toMatchObject({ exitCode: 0, changes: { added: 7 } });
  const whole = await made.tree();
  const said = logged.splice(0);
  expect(said.join()).toContain('EBADENGINE');
  expect(trees()).toHaveLength(1);

  await rm(join(made.path, 'node_modules'), { recursive: true });
  const again = await run('ci');
  expect(told(again)).toEqual(told(first));
  expect(await made.tree()).toEqual(whole);
  expect(logged).toEqual(said);
  expect(repeated).toBe(1);

  // Over a tree that is there, with something in it that belongs to nobody.
  await made.write({ 'node_modules/stray/index.js': '', 'node_modules/two/changed.js': '' });
  expect(told(await run('ci'))).toEqual(told(first));
  expect(await made.tree()).toEqual(whole);
  expect(repeated).toBe(2);
});

test('what is known of a tree does not hold for other files or flags', async () => {
  await project({ two: '1.0.0' });
  await run('ci');
  expect(trees()).toHaveLength(1);
  await run('ci', { argv: [...argv, '--omit=dev'] });
  expect(trees()).toHaveLength(2);
  await made.write({ 'package.json': { name: 'p', version: '1.0.1', dependencies: { two: '1.0.0' } } });
  await run('ci');
  expect(trees()).toHaveLength(3);
  await made.write({ 'package.json': { name: 'p', version: '1.0.1', dependencies: { two: '2.0.0' } } });
  expect(await run('ci')).toMatchObject({ error: { code: 'EUSAGE' } });
  expect(trees()).toHaveLength(3);
});

test('an install into an empty folder goes by the known tree where the lock file stays as it is', async () => {
  await project({ two: '1.0.0', '@s/nests': '1.0.0' });
  await run('ci');
  const whole = await made.tree();
  const files = trees();
  await rm(join(made.path, 'node_modules'), { recursive: true });
  expect(await run('install')).toMatchObject({ exitCode: 0, command: 'install', changes: { added: 3 } });
  expect(await made.tree()).toEqual(whole);
  expect(repeated).toBe(1);
  // And right after it there is nothing to do.
  expect(Object.keys((await run('install')).timings)).toEqual(['total']);

  const lock = await made.json('package-lock.json');
  await made.write({ 'package-lock.json': JSON.stringify(lock) });
  await run('ci');
  expect(trees().length).toBe(files.length + 1);
  await rm(join(made.path, 'node_modules'), { recursive: true });
  // npm writes the lock file in its own form: that is arborist's to do.
  expect(await run('install')).toMatchObject({ exitCode: 0 });
  expect(repeated).toBe(1);
  expect(await made.tree()).toEqual(whole);
});

test('a verdict holds as ever: what is blocked by new thresholds is not written', async () => {
  await project({ talks: '1.0.0' });
  await run('ci');
  const whole = await made.tree();
  expect(repeated).toBe(0);
  const strict = await run('ci', { policy: { thresholds: { review: 0, block: 0 } } });
  expect(repeated).toBe(1);
  expect(strict).toMatchObject({ exitCode: 10, error: { code: 'EBLOCKED' } });
  expect(await made.tree()).toEqual(whole);
  await rm(join(made.path, 'node_modules'), { recursive: true });
  expect(await run('ci', { policy: { thresholds: { review: 0, block: 0 } } })).toMatchObject({ exitCode: 10 });
  expect(existsSync(join(made.path, 'node_modules'))).toBe(false);
});

test('a script that fails leaves what was there before', async () => {
  await project({ two: '1.0.0' });
  await made.write({ 'package.json': { name: 'p', version: '1.0.0', dependencies: { fails: '1.0.0' } } });
  const ignoring = { argv: [...argv, '--ignore-scripts'] };
  expect(await run('install', ignoring)).toMatchObject({ exitCode: 0 });
  expect(await run('ci', ignoring)).toMatchObject({ exitCode: 0 });
  expect(trees()).toHaveLength(1);
  const whole = await made.tree();
  const broken = await run('ci');
  expect(repeated).toBe(1);
  expect(broken).toMatchObject({ exitCode: 1, error: { code: 'ELIFECYCLE' } });
  expect(broken.scripts).toHaveLength(1);
  expect(await made.tree()).toEqual(whole);
  await rm(join(made.path, 'node_modules'), { recursive: true });
  expect(await run('ci')).toMatchObject({ exitCode: 1 });
  expect(existsSync(join(made.path, 'node_modules'))).toBe(false);
});

test('an optional package whose script fails is left out, as arborist does it', async () => {
  await project({ two: '1.0.0' });
  await made.write({
    'package.json': {
      name: 'p',
      version: '1.0.0',
      dependencies: { two: '1.0.0' },
      optionalDependencies: { 'may-fail': '1.0.0' },
    },
  });
  const ignoring = { argv: [...argv, '--ignore-scripts'] };
  await run('install', ignoring);
  await run('ci', ignoring);
  expect(existsSync(join(made.path, 'node_modules/may-fail'))).toBe(true);
  expect(await run('ci')).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(made.path, 'node_modules/may-fail'))).toBe(false);
  expect(existsSync(join(made.path, 'node_modules/two'))).toBe(true);
});

test('what is known and cannot be written is resolved anew', async () => {
  await project({ two: '1.0.0', '@s/nests': '1.0.0' });
  await run('ci');
  const whole = await made.tree();
  const [file] = trees();
  const path = join('..', 'state', 'trees', file as string);
  for (const damage of [
    (text: string) => text.slice(0, -20),
    (text: string) => text.replaceAll('sha512-', 'sha512-AAAA'),
    () => '{}',
  ]) {
    await made.write({ [path]: damage(await made.read(path)) });
    expect(await run('ci')).toMatchObject({ exitCode: 0 });
    expect(await made.tree()).toEqual(whole);
    expect(trees()).toEqual([file]);
  }
});

test('what is known of a tree holds in another folder', async () => {
  await project({ two: '1.0.0' });
  await run('ci');
  const [packageJson, lock] = [await made.read('package.json'), await made.read('package-lock.json')];
  const other = await makeProject(registry.url, { 'package.json': packageJson, 'package-lock.json': lock });
  const home = { stateDir: join(made.outside, 'state') };
  const cache = ['--cache', join(made.outside, 'npm-cache')];
  const env = {
    HOME: made.outside,
    npm_config_userconfig: join(made.outside, 'user.npmrc'),
    npm_config_globalconfig: join(made.outside, 'global.npmrc'),
    npm_config_prefix: join(made.outside, 'prefix'),
  };
  const report = await other.run('ci', [], { ...home, env, policy, argv: [...argv, ...cache] });
  expect(report).toMatchObject({ exitCode: 0 });
  expect(repeated).toBe(1);
  expect(await other.tree()).toEqual(await made.tree());
  await other.remove();
});
