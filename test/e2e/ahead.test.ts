import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { plain } from './made.js';
import { makeProject, type TestProject } from './project.js';
import { startRegistry, type TestRegistry } from './registry.js';

// The real analyzer and store: what is written ahead is what both know.
let registry: TestRegistry;
let made: TestProject;
const said: string[] = [];
const listen = (level: unknown, prefix: unknown, message: unknown): void => {
  if (level === 'verbose' && prefix === 'store') said.push(String(message));
};

beforeAll(async () => {
  registry = await startRegistry();
  for (const name of ['one', 'two']) await registry.publish(plain(name, '1.0.0'));
  await registry.publish(plain('two', '1.1.0'));
  process.on('log', listen);
});
afterAll(async () => {
  process.off('log', listen);
  await registry.stop();
});
afterEach(() => made.remove());

const staged = (): string[] => {
  const folder = join(made.outside, 'state', 'staged');
  return existsSync(folder) ? readdirSync(folder) : [];
};

async function installed(): Promise<void> {
  made = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies: { one: '1.0.0', two: '1.0.0' } },
  });
  expect(await made.run('install')).toMatchObject({ exitCode: 0 });
}

test('a clean install takes what it has written ahead, and the tree is the same', async () => {
  await installed();
  const before = await made.tree();
  said.length = 0;
  expect(await made.run('ci')).toMatchObject({ exitCode: 0 });
  expect(said).toEqual([expect.stringContaining('2 packages written (2 ahead, ')]);
  expect(await made.tree()).toEqual(before);
  expect(staged()).toEqual([]);
});

test('what the store has not is unpacked ahead from npm’s cache, and kept', async () => {
  await installed();
  const before = await made.tree();
  const store = join(made.outside, 'state', 'store', 'v1');
  const kept = readdirSync(store, { recursive: true }).length;
  // With the tree known, and without.
  for (const more of [[], ['trees']]) {
    for (const name of ['store', ...more])
      await rm(join(made.outside, 'state', name), { recursive: true, force: true });
    said.length = 0;
    expect(await made.run('ci')).toMatchObject({ exitCode: 0 });
    expect(said).toEqual([expect.stringContaining('2 packages written (2 ahead, ')]);
    expect(await made.tree()).toEqual(before);
    expect(readdirSync(store, { recursive: true })).toHaveLength(kept);
  }
});

test('a tarball in npm’s cache that is not what its name says is not written ahead', async () => {
  await installed();
  const before = await made.tree();
  await rm(join(made.outside, 'state', 'store'), { recursive: true });
  const contents = join(made.outside, 'npm-cache', '_cacache', 'content-v2', 'sha512');
  const files = readdirSync(contents, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) writeFileSync(join(parentPath, name), 'damaged');
  expect(await made.run('ci')).toMatchObject({ exitCode: 1, error: { code: 'ESCANNEDCHANGED' } });
  expect(await made.tree()).toEqual(before);
  // What was damaged is gone: the next one fetches it anew.
  expect(await made.run('ci')).toMatchObject({ exitCode: 0 });
  expect(await made.tree()).toEqual(before);
  expect(staged()).toEqual([]);
});

test('an install that is refused leaves nothing of what was written ahead', async () => {
  await installed();
  await made.write({
    'package.json': { name: 'p', version: '1.0.0', dependencies: { one: '1.0.0', two: '1.1.0' } },
  });
  const before = await made.tree();
  expect(await made.run('ci')).toMatchObject({ error: { code: 'EUSAGE' } });
  expect(await made.tree()).toEqual(before);
  expect(staged()).toEqual([]);
});

test('the first install after a clean one knows that there is nothing to do, until the tree changes', async () => {
  await installed();
  await made.run('ci');
  const settled = await made.run('install');
  expect(settled).toMatchObject({ exitCode: 0, command: 'install', changes: { added: 0, removed: 0, changed: 0 } });
  expect(Object.keys(settled.timings)).toEqual(['total']);
  await made.run('ci');
  await made.write({ 'node_modules/one/more.js': '' });
  expect(Object.keys((await made.run('install')).timings)).toContain('resolve');
});

test('a clean install says nothing of the next one where that would write the lock file in another form', async () => {
  await installed();
  const lock = await made.json('package-lock.json');
  await made.write({ 'package-lock.json': JSON.stringify(lock) });
  await made.run('ci');
  expect(Object.keys((await made.run('install')).timings)).toContain('resolve');
  expect(await made.json('package-lock.json')).toEqual(lock);
});
