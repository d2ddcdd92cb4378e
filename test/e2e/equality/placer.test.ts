import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODES, type Placer, startPlacer, storeTarball } from '../../../src/store/index.js';
import { packPath } from '../../../src/store/store-path.js';

// Worker threads run built code; their bodies are tested in test/store.
let base: string;
let store: string;
let placer: Placer;
beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  base = await mkdtemp(join(tmpdir(), 'si-placer-'));
  store = join(base, 'store', 'v1');
  placer = startPlacer(store, new URL('../../../dist/store/place-worker.js', import.meta.url));
});
afterAll(async () => {
  await placer?.close();
  await rm(base, { recursive: true, force: true });
});

const integrityOf = (number: number): string => `sha512-${Buffer.alloc(64, number).toString('base64')}`;
async function keep(number: number): Promise<string> {
  const integrity = integrityOf(number);
  const files = new Map([['lib/a.js', Buffer.from(`module.exports = ${number}`)]]);
  expect(storeTarball(store, { integrity, files, modes: new Map(), plain: true })).toBe(true);
  return integrity;
}
async function folder(name: string): Promise<string> {
  await mkdir(join(base, name));
  return join(base, name);
}

test('many packages at once reach their folders', async () => {
  const jobs = Array.from({ length: 60 }, async (_, number) => {
    const at = await folder(`many-${number}`);
    const result = await placer.place(await keep(number), at, DEFAULT_MODES);
    return [result, await readFile(join(at, 'lib/a.js'), 'utf8')];
  });
  expect(await Promise.all(jobs)).toEqual(jobs.map((_, number) => ['placed', `module.exports = ${number}`]));
});

test('a pack that is not there, a damaged one and a folder that is not empty are told apart', async () => {
  expect(await placer.place(integrityOf(200), await folder('missing'), DEFAULT_MODES)).toBe('missing');
  const damaged = await keep(201);
  const file = packPath(store, damaged);
  await chmod(file, 0o600);
  await writeFile(file, (await readFile(file)).subarray(0, -1));
  expect(await placer.place(damaged, await folder('damaged'), DEFAULT_MODES)).toBe('damaged');
  expect(await placer.place(damaged, await folder('damaged-again'), DEFAULT_MODES)).toBe('missing');
  const full = await folder('full');
  await mkdir(join(full, 'lib'));
  await writeFile(join(full, 'lib/a.js'), 'the user’s');
  expect(await placer.place(await keep(202), full, DEFAULT_MODES)).toBe('failed');
  expect(await readFile(join(full, 'lib/a.js'), 'utf8')).toBe('the user’s');
  expect(placer.counts).toMatchObject({ missing: 2, damaged: 1, failed: 1 });
});
