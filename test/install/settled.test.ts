import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstallOptions } from '../../src/install/index.js';
import { lookForSettled, rememberSettled } from '../../src/install/settled/index.js';
import type { InstallReport, ScriptRun } from '../../src/model.js';

let base: string;
let project: string;
let rules: string;

const QUIET: InstallReport = {
  schema: 1,
  tool: 'safe-install 0',
  command: 'install',
  exitCode: 0,
  dryRun: false,
  packages: [],
  changes: { added: 0, removed: 0, changed: 0 },
  scripts: [],
  events: [],
  warnings: [],
  error: null,
  timings: { total: 1000 },
};

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-settled-'));
  project = join(base, 'project');
  rules = join(base, 'rules');
  await mkdir(join(project, 'node_modules/@s/b/node_modules/c'), { recursive: true });
  await mkdir(join(project, 'node_modules/a'));
  await mkdir(join(rules, 'behaviours'), { recursive: true });
  await writeFile(join(rules, 'behaviours/own.yaml'), 'one: 1\n');
  await writeFile(join(project, 'package.json'), '{"dependencies":{"a":"1"}}');
  await writeFile(join(project, 'package-lock.json'), '{"lockfileVersion":3}');
  await hiddenLock({
    'node_modules/a': {},
    'node_modules/@s/b': {},
    'node_modules/@s/b/node_modules/c': {},
  });
});
afterEach(() => rm(base, { recursive: true, force: true }));

const hiddenLock = (packages: Record<string, object>) =>
  writeFile(join(project, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));

function options(change: Partial<InstallOptions> = {}, flat: Record<string, unknown> = {}): InstallOptions {
  return {
    command: 'install',
    specs: [],
    npm: {
      flat: { registry: 'http://registry.test/', omit: [], ...flat },
      path: project,
      workspaces: [],
      env: {},
      saveIsSet: false,
      allowScripts: { commandLine: [], npmrc: [] },
      npmExecPath: null,
    },
    policy: {
      thresholds: { review: 40, block: 75 },
      scripts: 'run',
      onReview: 'ask',
      sandbox: { require: 'basic', limits: {} },
      grants: {},
      exceptions: [],
    },
    approvals: [],
    stateDir: join(base, 'state'),
    rulesFolders: [rules],
    ...change,
  };
}

/** What an install does: look, work, remember. */
function settle(report: InstallReport = QUIET, given: InstallOptions = options()): void {
  rememberSettled(given, lookForSettled(given).fingerprint, report);
}

const hit = (given: InstallOptions = options()): boolean => lookForSettled(given).report !== null;

describe('an install that was seen to have nothing to do', () => {
  test('is known again, with its report and its own time', () => {
    expect(hit()).toBe(false);
    settle();
    const { report } = lookForSettled(options());
    expect(report).toEqual({ ...QUIET, timings: { total: expect.any(Number) } });
    expect(report?.timings['total']).toBeLessThan(1000);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['package.json', () => writeFile(join(project, 'package.json'), '{"dependencies":{"a":"2"}}')],
    ['the lock file', () => writeFile(join(project, 'package-lock.json'), '{}')],
    ['a shrinkwrap', () => writeFile(join(project, 'npm-shrinkwrap.json'), '{}')],
    ['the hidden lock file', () => hiddenLock({ 'node_modules/a': {} })],
    ['a rule', () => writeFile(join(rules, 'behaviours/own.yaml'), 'one: 2\n')],
    ['a package that is gone', () => rm(join(project, 'node_modules/a'), { recursive: true })],
    ['a nested package that is gone', () => rm(join(project, 'node_modules/@s/b/node_modules/c'), { recursive: true })],
    ['a file more in a package', () => writeFile(join(project, 'node_modules/a/new.js'), '')],
    ['a package that nobody locked', () => mkdir(join(project, 'node_modules/@s/new'))],
    ['a new bin folder', () => mkdir(join(project, 'node_modules/.bin'))],
    [
      'a package that became a link',
      async () => {
        await rm(join(project, 'node_modules/a'), { recursive: true });
        await symlink(base, join(project, 'node_modules/a'));
      },
    ],
  ])('is not known after a change of %s', async (_, change) => {
    settle();
    expect(hit()).toBe(true);
    await change();
    expect(hit()).toBe(false);
  });

  test('is not known under another policy, approval or configuration, for other commands and for named packages', () => {
    settle();
    const { policy, npm } = options();
    const approval = { package: 'a@1', integrity: '', scriptHash: '', grant: null, reason: '' };
    expect(hit(options({ policy: { ...policy, thresholds: { review: 10, block: 75 } } }))).toBe(false);
    expect(hit(options({ approvals: [approval] }))).toBe(false);
    expect(hit(options({ rulesFolders: [] }))).toBe(false);
    expect(hit(options({}, { omit: ['dev'] }))).toBe(false);
    expect(hit(options({}, { registry: 'http://other.test/' }))).toBe(false);
    expect(hit(options({ command: 'ci' }))).toBe(false);
    expect(hit(options({ specs: ['a'] }))).toBe(false);
    expect(hit(options({ npm: { ...npm, workspaces: ['w'] } }))).toBe(false);
    expect(hit(options({}, { dryRun: true }))).toBe(false);
    expect(hit()).toBe(true);
  });
});

test('what a clean install leaves is known to the install after it, never to the next clean one', () => {
  const clean = options({ command: 'ci' });
  settle({ ...QUIET, command: 'ci', changes: { added: 3, removed: 0, changed: 0 } }, clean);
  expect(hit(clean)).toBe(false);
  expect(lookForSettled(options()).report).toMatchObject({ command: 'install', changes: QUIET.changes });
});

test('an install that brought its lock file into form is known again by the new one', async () => {
  const { fingerprint } = lookForSettled(options());
  const old = await readFile(join(project, 'package-lock.json'), 'utf8');
  await writeFile(join(project, 'package-lock.json'), '{"lockfileVersion":3,"requires":true}');
  rememberSettled(options(), fingerprint, QUIET);
  expect(hit()).toBe(true);
  await writeFile(join(project, 'package-lock.json'), old);
  expect(hit()).toBe(false);
});

test('an install that changed the tree and ran scripts of packages has nothing to do the next time', () => {
  settle({ ...QUIET, changes: { added: 3, removed: 1, changed: 0 }, scripts: [ran('node_modules/a', 0)] });
  const { report } = lookForSettled(options());
  expect(report).toMatchObject({ exitCode: 0, changes: { added: 0, removed: 0, changed: 0 }, scripts: [] });
});

function ran(location: string, exitCode: number): ScriptRun {
  const ended = { exitCode, signal: null, ms: 1, sandbox: 'full', output: '', limit: null } as const;
  return { package: 'a@1.0.0', location, event: 'postinstall', command: 'true', ...ended };
}

describe('an install is not remembered', () => {
  test.each<[string, Partial<InstallReport>]>([
    ['that failed', { exitCode: 11 }],
    ['that warned', { warnings: ['packages were not read'] }],
    ['that ran a script of the project', { scripts: [ran('', 0)] }],
    ['in which a script of an optional package failed', { scripts: [ran('node_modules/a', 1)] }],
  ])('%s', (_, change) => {
    settle({ ...QUIET, ...change });
    expect(hit()).toBe(false);
  });

  test('in which package.json changed meanwhile', async () => {
    const { fingerprint } = lookForSettled(options());
    await writeFile(join(project, 'package.json'), '{"dependencies":{"a":"2"}}');
    rememberSettled(options(), fingerprint, QUIET);
    expect(hit()).toBe(false);
  });

  test('with a linked or local package, whose content has a life of its own', async () => {
    for (const locked of [{ link: true }, { resolved: 'file:../a.tgz' }]) {
      await hiddenLock({ 'node_modules/a': locked });
      settle();
      expect(hit()).toBe(false);
    }
  });
});
