import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { explainPackage, type ScanOptions, scanTargets } from '../../src/install/index.js';
import type { InstallReport } from '../../src/model.js';
import { plain } from './made.js';
import { makeProject, type RunOptions, type TestProject } from './project.js';
import { type MadePackage, startRegistry, type TestRegistry } from './registry.js';

// With the real analyzer: harmless 1.0.0, and a next version whose new behaviour alone says little.
const policy: RunOptions['policy'] = { thresholds: { review: 40, block: 60 } };
const argv = ['--ignore-scripts'];
let registry: TestRegistry;
const projects: TestProject[] = [];

const withScript = (name: string, version: string, postinstall: string, more: object = {}): MadePackage => {
  const made = plain(name, version, { scripts: { postinstall }, ...more });
  const text = "require('https').get('https://files.example/list.json');\n";
  return { ...made, files: { ...made.files, 'list.js': text } };
};
const project = async (dependencies: Record<string, string>): Promise<TestProject> => {
  const made = await makeProject(registry.url, { 'package.json': { name: 'p', version: '1.0.0', dependencies } });
  projects.push(made);
  return made;
};
const settings = async (made: TestProject): Promise<Omit<ScanOptions, 'targets'>> => ({
  cwd: made.path,
  npm: await made.npm(),
  policy: {
    scripts: 'run',
    onReview: 'ask',
    sandbox: { require: 'full', limits: {} },
    grants: {},
    exceptions: [],
    thresholds: { review: 40, block: 60 },
  },
  stateDir: join(made.outside, 'state'),
  rulesFolders: [],
});
const said = ({ packages }: InstallReport, name: string) => {
  const found = packages.find((each) => each.name === name);
  const fresh = found?.findings.find(({ rule }) => rule === 'new-since-version-before');
  return { action: found?.verdict.action, comparedWith: found?.comparedWith, message: fresh?.message };
};

beforeAll(async () => {
  registry = await startRegistry();
  for (const made of [
    plain('lists', '1.0.0'),
    withScript('lists', '1.0.1', 'node list.js'),
    withScript('always', '1.0.0', 'node list.js'),
    withScript('always', '1.0.1', 'node list.js'),
    plain('leaps', '1.0.0'),
    withScript('leaps', '2.0.0', 'node list.js'),
    withScript('leaps', '3.0.0', 'node list.js'),
    plain('second', '1.0.0'),
    withScript('second', '1.0.1', 'npm install some-other-thing', { bin: 'index.js' }),
  ])
    await registry.publish(made);
});
afterEach(async () => {
  for (const made of projects.splice(0)) await made.remove();
});
afterAll(() => registry.stop());

test('an update whose new behaviour is weak is reviewed, where the same version alone is allowed', async () => {
  const made = await project({ lists: '1.0.0' });
  expect(await made.run('install', [], { argv, policy })).toMatchObject({ exitCode: 0, error: null });
  const before = await made.tree();

  const first = await made.run('install', ['lists@1.0.1'], { argv, policy });
  expect(first.exitCode).toBe(11);
  expect(said(first, 'lists')).toEqual({
    action: 'review',
    comparedWith: { version: '1.0.0', from: 'installed' },
    message: expect.stringMatching(/^New since 1\.0\.0, which is installed: script:postinstall, .*net:files\.example/),
  });
  expect(await made.tree()).toEqual(before);

  // The same again, now with the verdict from the cache; so do explain, and scan of the spec and of a lock beside the tree.
  const again = await made.run('install', ['lists@1.0.1'], { argv, policy });
  expect(again.packages.map(({ verdict, findings }) => ({ ...verdict, fromCache: true, findings }))).toEqual(
    first.packages.map(({ verdict, findings }) => ({ ...verdict, fromCache: true, findings })),
  );
  expect(said(await scanTargets({ ...(await settings(made)), targets: ['lists@1.0.1'] }), 'lists')).toEqual(
    said(first, 'lists'),
  );
  const [explained] = await explainPackage({ ...(await settings(made)), spec: 'lists@1.0.1', approvals: [] });
  expect(explained).toMatchObject({ verdict: { action: 'review' }, package: { comparedWith: { version: '1.0.0' } } });

  // Where nobody has had the version before, there is nothing to compare with.
  const alone = await project({ lists: '1.0.1' });
  const report = await alone.run('install', [], { argv, policy });
  expect(report.exitCode).toBe(0);
  expect(said(report, 'lists')).toEqual({ action: 'allow', comparedWith: undefined, message: undefined });
});

test('more than one major version away nearly all is new, and nothing is compared', async () => {
  const far = await project({ leaps: '1.0.0' });
  await far.run('install', [], { argv, policy });
  const leap = await far.run('install', ['leaps@3.0.0'], { argv, policy });
  expect(said(leap, 'leaps')).toEqual({ action: 'allow', comparedWith: undefined, message: undefined });

  const near = await project({ leaps: '1.0.0' });
  await near.run('install', [], { argv, policy });
  const step = await near.run('install', ['leaps@2.0.0'], { argv, policy });
  expect(said(step, 'leaps')).toMatchObject({
    action: 'review',
    comparedWith: { version: '1.0.0', from: 'installed' },
  });
});

test('what the version before did already is no news', async () => {
  const made = await project({ always: '1.0.0' });
  expect((await made.run('install', [], { argv, policy })).exitCode).toBe(0);
  const report = await made.run('install', ['always@1.0.1'], { argv, policy });
  expect(report.exitCode).toBe(0);
  expect(said(report, 'always')).toEqual({
    action: 'allow',
    comparedWith: { version: '1.0.0', from: 'installed' },
    message: undefined,
  });
});

test('review becomes block, and an exception for the comparison takes it back', async () => {
  const made = await project({ second: '1.0.0' });
  await made.run('install', [], { argv, policy });
  const report = await made.run('install', ['second@1.0.1'], { argv, policy });
  expect(report).toMatchObject({ exitCode: 10, error: { code: 'EBLOCKED' } });
  const excepted = { package: 'second', rules: ['new-since-version-before'], reason: 'seen', expires: null };
  const lenient = await made.run('install', ['second@1.0.1'], { argv, policy: { ...policy, exceptions: [excepted] } });
  expect(lenient.exitCode).toBe(11);
});

test('with none installed it is the newest older one that this machine has: by its verdict, or its tarball in the cache', async () => {
  const made = await project({ lists: '1.0.0' });
  await made.run('install', [], { argv, policy });
  // npm's hidden lock file then names 1.0.1, too, though 1.0.0 stands in node_modules.
  await made.run('install', ['lists@1.0.1'], {
    argv: [...argv, '--package-lock-only'],
    policy: { thresholds: { review: 90, block: 99 } },
  });
  const scanLock = async () =>
    said(await scanTargets({ ...(await settings(made)), targets: ['package-lock.json'] }), 'lists');
  expect(await scanLock()).toMatchObject({ action: 'review', comparedWith: { version: '1.0.0', from: 'installed' } });
  await rm(join(made.path, 'node_modules'), { recursive: true });
  for (const forget of [false, true]) {
    if (forget) await rm(join(made.outside, 'state'), { recursive: true });
    const report = await made.run('ci', [], { argv, policy });
    expect(report.exitCode).toBe(11);
    expect(said(report, 'lists')).toMatchObject({
      action: 'review',
      comparedWith: { version: '1.0.0', from: 'cache' },
    });
  }
  expect(await scanLock()).toMatchObject({ action: 'review', comparedWith: { version: '1.0.0', from: 'cache' } });
});
