import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plain, talker } from './made.js';
import { startRegistry, type TestRegistry } from './registry.js';

const BIN = fileURLToPath(new URL('../../bin/safe-install.js', import.meta.url));
let registry: TestRegistry;
let root: string;

beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish(plain('calm', '1.0.0'));
  await registry.publish(plain('tool', '1.0.0', { bin: { tool: 'index.js' } }));
  await registry.publish(talker('built', '1.0.0', ['postinstall']));
  root = await mkdtemp(join(tmpdir(), 'si-link-'));
});
afterAll(async () => {
  await registry?.stop();
  await rm(root, { recursive: true, force: true });
});

async function install(name: string, ...flags: string[]): Promise<(file: string) => string> {
  const folder = join(root, name);
  await mkdir(folder);
  const dependencies = { calm: '1.0.0', tool: '1.0.0', built: '1.0.0' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', dependencies }));
  await promisify(execFile)(process.execPath, [BIN, 'install', '--ignore-scripts', ...flags], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: join(root, 'home'),
      SAFE_INSTALL_HOME: join(root, 'state'),
      npm_config_registry: registry.url,
      npm_config_cache: join(root, 'cache'),
      npm_config_globalconfig: join(root, 'none'),
    },
  });
  return (file) => join(folder, 'node_modules', file);
}

test('--link shares files of packages without scripts and bins, and no write in one project reaches the next', async () => {
  const plainly = await install('plainly');
  expect(statSync(plainly('calm/index.js')).nlink).toBe(1);
  const a = await install('a', '--link');
  const b = await install('b', '--link');
  expect(statSync(a('calm/index.js')).ino).toBe(statSync(b('calm/index.js')).ino);
  expect(statSync(a('calm/index.js')).mode & 0o222).toBe(0);
  for (const file of ['tool/index.js', 'built/index.js']) expect(statSync(a(file)).nlink).toBe(1);

  chmodSync(a('calm/index.js'), 0o644);
  writeFileSync(a('calm/index.js'), 'changed by a test of project a');
  const c = await install('c', '--link');
  const d = await install('d');
  for (const project of [c, d]) expect(readFileSync(project('calm/index.js'), 'utf8')).toContain('calm@1.0.0');
  expect(readFileSync(a('calm/index.js'), 'utf8')).toContain('changed');
});
