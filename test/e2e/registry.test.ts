import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry, type TestRegistry } from './registry.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

test('npm installs what was published to the loopback registry', async () => {
  const integrity = await registry.publish({
    manifest: { name: '@fx/leaf', version: '1.0.0', main: 'index.js' },
    files: { 'index.js': 'module.exports = 7;\n' },
  });
  const project = await mkdtemp(join(tmpdir(), 'si-project-'));
  try {
    await writeFile(join(project, 'package.json'), '{"name":"p","version":"1.0.0"}');
    await promisify(execFile)(
      'npm',
      ['install', '@fx/leaf', '--registry', registry.url, '--cache', join(project, 'cache'), '--no-audit'],
      { cwd: project },
    );
    const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
    expect(lock.packages['node_modules/@fx/leaf'].integrity).toBe(integrity);
    expect(await readFile(join(project, 'node_modules/@fx/leaf/index.js'), 'utf8')).toBe('module.exports = 7;\n');
  } finally {
    await rm(project, { recursive: true, force: true });
  }
});
