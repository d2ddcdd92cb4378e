import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { plain } from './made.js';
import { hashTree } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

// the command as users have it, killed as the kernel kills
const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));
const MANY = 40;

let registry: TestRegistry;
let root: string;

beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish({
    manifest: { name: 'sleeper', version: '1.0.0', scripts: { postinstall: 'node wait.js' } },
    files: { 'wait.js': 'setTimeout(() => {}, 120000);\n' },
  });
  for (let number = 0; number < MANY; number += 1) {
    const made = plain(`many-${number}`, '1.0.0');
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`lib/${at}.txt`, `${number}.${at}\n`]));
    await registry.publish({ ...made, files: { ...made.files, ...files } });
  }
});
afterAll(() => registry.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'si-killed-'));
  await mkdir(join(root, 'project'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...parts: string[]) => join(root, 'project', ...parts);
const asides = () => (existsSync(at('node_modules')) ? readdirSync(at('node_modules')) : []).filter(isAside);
const isAside = (name: string) => name.startsWith('.safe-install');

function start(...argv: string[]): ChildProcess & { ended: Promise<{ code: number | null; output: string }> } {
  const child = spawn(process.execPath, [BIN, ...argv], {
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
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return Object.assign(child, { ended });
}

const depend = (...names: string[]) =>
  writeFile(
    at('package.json'),
    JSON.stringify({ name: 'p', version: '1.0.0', dependencies: Object.fromEntries(names.map((n) => [n, '1.0.0'])) }),
  );

const standing = () =>
  Array.from({ length: MANY }, (_, number) => at(`node_modules/many-${number}/package.json`)).filter((file) =>
    existsSync(file),
  ).length;

async function until(holds: () => boolean, every = 20): Promise<void> {
  const last = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > last) throw new Error('it did not come to that');
    await wait(every);
  }
}

test('the run after a killed ci goes on from the tree before it; while one lives, another does not touch it', async () => {
  await depend('many-0');
  expect((await start('install').ended).code).toBe(0);
  await writeFile(at('node_modules/many-0/patch.txt'), 'mine');
  await depend('many-0', 'sleeper');
  expect((await start('install', '--package-lock-only').ended).code).toBe(0);

  const killed = start('ci');
  await until(() => asides().length === 1 && existsSync(at('node_modules/sleeper/package.json')));
  expect(existsSync(at('node_modules/many-0/patch.txt'))).toBe(false);
  const second = await start('install').ended;
  expect(second).toMatchObject({ code: 1, output: expect.stringContaining('EBUSYPROJECT') });
  expect(asides()).toHaveLength(1);
  killed.kill('SIGKILL');
  await killed.ended;

  const next = await start('install', '--ignore-scripts').ended;
  expect(next).toMatchObject({ code: 0, output: expect.stringContaining('broken off') });
  expect(asides()).toEqual([]);
  expect(existsSync(at('node_modules/many-0/patch.txt'))).toBe(true);
  expect(existsSync(at('node_modules/sleeper/package.json'))).toBe(true);
});

test.each(['install', 'ci'])('a %s that was killed at any time is made whole by the next install', async (command) => {
  await depend(...Array.from({ length: MANY }, (_, number) => `many-${number}`));
  expect((await start('install').ended).code).toBe(0);
  const whole = await hashTree(at());
  let killedAtWork = 0;
  for (const written of [1, 10, 25]) {
    if (command === 'install') await rm(at('node_modules'), { recursive: true });
    const killed = start(command);
    // `ci` moves the old tree aside before it writes: as long as all stand, none has gone yet.
    await until(() => standing() >= written && (command === 'install' || standing() < MANY), 1);
    killed.kill('SIGKILL');
    await killed.ended;
    const broken = await hashTree(at());
    killedAtWork += [...whole].some(([path, what]) => broken.get(path) !== what) ? 1 : 0;
    expect((await start('install').ended).code).toBe(0);
    expect(await hashTree(at())).toEqual(whole);
  }
  expect(killedAtWork).toBeGreaterThan(0);
});
