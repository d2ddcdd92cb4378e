import { appendFileSync, chmodSync, existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_MODES, placePackage, type Share } from '../../src/store/place.js';
import { pruneStore } from '../../src/store/prune.js';
import { canClone } from '../../src/store/sources.js';
import { packPath, sourcesPath } from '../../src/store/store-path.js';
import { storeTarball } from '../../src/store/write-pack.js';
import { makeDisk } from './disk-image.js';

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const LARGE = 'x'.repeat(200_000);
let base: string;
let store: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-sources-'));
  store = join(base, 'store', 'v1');
});
afterEach(() => rm(base, { recursive: true, force: true }));

function fill(into: string): void {
  const files = new Map([
    ['small.js', Buffer.from('small')],
    ['large.js', Buffer.from(LARGE)],
    ['run.sh', Buffer.from('#!/bin/sh\n')],
  ]);
  expect(storeTarball(into, { integrity, files, modes: new Map([['run.sh', 0o755]]), plain: true })).toBe(true);
}

async function place(name: string, share: Share, at = base, from = store): Promise<string> {
  const folder = join(at, name);
  await mkdir(folder, { recursive: true });
  placePackage({ store: from, integrity, folder, modes: DEFAULT_MODES, share });
  return folder;
}

const contents = (folder: string) =>
  ['small.js', 'large.js', 'run.sh'].map((name) => readFileSync(join(folder, name), 'utf8'));
const WHOLE = ['small', LARGE, '#!/bin/sh\n'];
const inode = (folder: string, name: string) => lstatSync(join(folder, name)).ino;

describe('hard links', () => {
  test('are one read-only file in two projects', async () => {
    fill(store);
    const [a, b] = [await place('a', 'link'), await place('b', 'link')];
    expect(contents(b)).toEqual(WHOLE);
    expect(inode(a, 'small.js')).toBe(inode(b, 'small.js'));
    expect(lstatSync(join(b, 'small.js')).mode & 0o777).toBe(0o444);
    expect(lstatSync(join(b, 'run.sh')).mode & 0o777).toBe(0o555);
  });

  test('what somebody wrote in node_modules of one project is not seen by the next', async () => {
    fill(store);
    const a = await place('a', 'link');
    for (const change of [
      () => writeFileSync(join(a, 'small.js'), 'other'),
      () => appendFileSync(join(a, 'large.js'), 'more'),
      () => writeFileSync(join(a, 'small.js'), 'SMALL'),
    ]) {
      chmodSync(join(a, 'small.js'), 0o644);
      chmodSync(join(a, 'large.js'), 0o644);
      change();
      const mine = contents(a);
      const b = await place(`b${Math.random()}`, 'link');
      expect(contents(b)).toEqual(WHOLE);
      expect(lstatSync(join(b, 'small.js')).mode & 0o777).toBe(0o444);
      expect(contents(a)).toEqual(mine);
    }
  });

  test('where the disk of the project is another one, the files are written', async () => {
    const disk = makeDisk('ext4', 16);
    try {
      fill(store);
      const folder = await place('a', 'link', disk.folder);
      expect(contents(folder)).toEqual(WHOLE);
      if (disk.real) expect(lstatSync(join(folder, 'small.js')).mode & 0o200).toBe(0o200);
    } finally {
      disk.remove();
    }
  });

  test('pruning the package takes its sources with it, and leaves projects whole', async () => {
    fill(store);
    const a = await place('a', 'link');
    expect(existsSync(sourcesPath(store, integrity))).toBe(true);
    await pruneStore(store, { bytes: 0, unusedMs: -1 }, Date.now());
    expect(existsSync(sourcesPath(store, integrity))).toBe(false);
    expect(contents(a)).toEqual(WHOLE);
  });
});

describe.each(['btrfs', 'xfs', 'ext4'] as const)('on %s', (kind) => {
  test('files are as written, and what one project writes no other sees', async () => {
    const disk = makeDisk(kind, kind === 'xfs' ? 320 : 128);
    try {
      const own = join(disk.folder, 'store', 'v1');
      fill(own);
      const a = await place('a', 'reflink', disk.folder, own);
      const b = await place('b', 'reflink', disk.folder, own);
      for (const folder of [a, b]) expect(contents(folder)).toEqual(WHOLE);
      expect(readdirSync(b).sort()).toEqual(['large.js', 'run.sh', 'small.js']);
      expect(lstatSync(join(b, 'large.js')).mode & 0o777).toBe(lstatSync(join(b, 'small.js')).mode & 0o777);
      writeFileSync(join(a, 'large.js'), 'mine');
      const c = await place('c', 'reflink', disk.folder, own);
      for (const folder of [b, c]) expect(contents(folder)).toEqual(WHOLE);
      // Sources exist where, and only where, the file system shares blocks.
      const shares = canClone(packPath(own, integrity), c);
      expect(existsSync(sourcesPath(own, integrity))).toBe(shares);
      if (disk.real) expect(shares).toBe(kind !== 'ext4');
      if (shares) {
        const [source] = readdirSync(sourcesPath(own, integrity));
        writeFileSync(join(sourcesPath(own, integrity), source!), LARGE.replace('x', 'y'));
        expect(contents(await place('d', 'reflink', disk.folder, own))).toEqual(WHOLE);
      }
    } finally {
      disk.remove();
    }
  });
});

test('a full disk stores nothing, leaves nothing half, and says so where a package is placed', async () => {
  const disk = makeDisk('ext4', 8);
  try {
    const own = join(disk.folder, 'store', 'v1');
    fill(store);
    if (!disk.real) return expect(disk.real).toBe(false);
    const shares = ['none', 'reflink', 'link'] as const;
    for (const share of shares) await mkdir(join(disk.folder, `full-${share}`));
    expect(() => writeFileSync(join(disk.folder, 'ballast'), Buffer.alloc(16 * 2 ** 20))).toThrow(/ENOSPC/);
    const files = new Map([['large.js', Buffer.from(LARGE)]]);
    expect(storeTarball(own, { integrity, files, modes: new Map(), plain: true })).toBe(false);
    expect(existsSync(packPath(own, integrity))).toBe(false);
    const left = existsSync(own)
      ? readdirSync(own, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))
      : [];
    expect(left).toEqual([]);
    for (const share of shares) {
      await expect(place(`full-${share}`, share, disk.folder)).rejects.toThrow(/ENOSPC/);
    }
  } finally {
    disk.remove();
  }
});
