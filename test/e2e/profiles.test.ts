import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { markerScanner } from './marker-scanner.js';
import { makeProject, TEST_POLICY } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

const rooms = { createScanner: markerScanner };
const realHome = process.env['HOME'];
let registry: TestRegistry;
let home: string;

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(homedir(), '.safe-install-test-')));
  process.env['HOME'] = home;
  registry = await startRegistry();
  // Does what the real one does with its cache, without a download: it fails where it may not write it.
  await registry.publish({
    manifest: {
      name: 'puppeteer',
      version: '24.0.0',
      scripts: { postinstall: 'echo browser > "$PUPPETEER_CACHE_DIR/kept"' },
    },
    files: {},
  });
});

afterAll(async () => {
  process.env['HOME'] = realHome;
  await registry.stop();
  rmSync(home, { recursive: true, force: true });
});

async function install(profiles: string[]) {
  const project = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies: { puppeteer: '24.0.0' } },
  });
  try {
    return await project.run('install', [], { rooms, policy: { sandbox: { ...TEST_POLICY.sandbox, profiles } } });
  } finally {
    await project.remove();
  }
}

test('without its profile the script fails, and the report names profile and command', async () => {
  const report = await install([]);
  expect(report.exitCode).not.toBe(0);
  expect(report.warnings.join('\n')).toMatch(/puppeteer@24\.0\.0 needs more.*safe-install grant puppeteer/);
  expect(existsSync(join(home, '.cache/puppeteer'))).toBe(false);
});

test('with its profile it writes the real cache, which is made for it', async () => {
  const report = await install(['puppeteer']);
  expect(report).toMatchObject({ exitCode: 0, warnings: [] });
  expect(readFileSync(join(home, '.cache/puppeteer/kept'), 'utf8')).toBe('browser\n');
});

test('a profile that does not exist is refused before anything is written', async () => {
  const report = await install(['pupeteer']);
  expect(report).toMatchObject({ exitCode: 14, scripts: [] });
});
