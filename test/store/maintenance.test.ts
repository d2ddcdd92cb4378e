import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listStore } from '../../src/store/inventory.js';
import { pruneDaily, pruneStore } from '../../src/store/prune.js';
import { packPath } from '../../src/store/store-path.js';
import { verifyStore } from '../../src/store/verify.js';
import { storeTarball } from '../../src/store/write-pack.js';

const now = Date.UTC(2026, 10, 23);
const day = 24 * 60 * 60 * 1000;
let base: string;
let store: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-store-'));
  store = join(base, 'store', 'v1');
});
afterEach(() => rm(base, { recursive: true, force: true }));

// A pack of about a thousand bytes, last used so many days ago.
async function keep(number: number, daysAgo: number): Promise<string> {
  const integrity = `sha512-${Buffer.alloc(64, number).toString('base64')}`;
  const files = new Map([['a.js', Buffer.alloc(800, number)]]);
  storeTarball(store, { integrity, files, modes: new Map(), plain: true });
  const file = packPath(store, integrity);
  const used = new Date(now - daysAgo * day);
  await utimes(file, used, used);
  return file;
}

test('an absent store is empty, sound and needs no pruning', async () => {
  expect(await listStore(store)).toEqual({ packs: [], leftovers: [] });
  expect(await verifyStore(store)).toEqual({ checked: 0, removed: [] });
  expect(await pruneStore(store, { bytes: 1, unusedMs: 1 }, now)).toEqual({ removed: 0, bytes: 0 });
});

test('pruning removes what was not used, then the longest unused beyond the size', async () => {
  const old = await keep(1, 70);
  const older = await keep(2, 20);
  const newer = await keep(3, 10);
  const { removed } = await pruneStore(store, { bytes: 1500, unusedMs: 60 * day }, now);
  expect(removed).toBe(2);
  expect((await listStore(store)).packs.map(({ file }) => file)).toEqual([newer]);
  expect([old, older]).not.toContain(newer);
});

test('pruning removes what an interrupted write left, but not what is being written', async () => {
  const file = await keep(1, 1);
  const stale = join(dirname(file), 'x.tmp');
  const fresh = join(dirname(file), 'y.tmp');
  for (const [path, age] of [
    [stale, 2 * 60 * 60 * 1000],
    [fresh, 1000],
  ] as const) {
    await writeFile(path, 'half');
    await utimes(path, new Date(now - age), new Date(now - age));
  }
  await pruneStore(store, { bytes: 1e9, unusedMs: 60 * day }, now);
  expect((await readdir(dirname(file))).sort()).toEqual([file.slice(dirname(file).length + 1), 'y.tmp'].sort());
});

test('pruning by itself happens once a day', async () => {
  await keep(1, 0);
  await pruneDaily(store, now);
  await keep(2, 400);
  await pruneDaily(store, Date.now());
  expect((await listStore(store)).packs).toHaveLength(2);
  await pruneDaily(store, Date.now() + 2 * day);
  expect((await listStore(store)).packs.length).toBeLessThan(2);
});

test('verifying removes exactly the damaged packs', async () => {
  const good = await keep(1, 1);
  const bad = await keep(2, 1);
  const bytes = await readFile(bad);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 4, 100);
  await chmod(bad, 0o600);
  await writeFile(bad, bytes);
  expect(await verifyStore(store)).toEqual({ checked: 2, removed: [bad] });
  expect((await listStore(store)).packs.map(({ file }) => file)).toEqual([good]);
});
