import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DamagedPackError } from '../../src/store/pack-format.js';
import type { ScannedTarball } from '../../src/store/pack-tarball.js';
import { DEFAULT_MODES, placePackage } from '../../src/store/place.js';
import { packPath } from '../../src/store/store-path.js';
import { storeTarball } from '../../src/store/write-pack.js';

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
let base: string;
let store: string;
let folder: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-store-'));
  store = join(base, 'store');
  folder = join(base, 'pkg');
  await mkdir(folder);
});
afterEach(() => rm(base, { recursive: true, force: true }));

function tarball(files: Record<string, string>, modes: Record<string, number> = {}): ScannedTarball {
  return {
    integrity,
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    modes: new Map(Object.entries(modes)),
    plain: true,
  };
}

const job = () => ({ store, integrity, folder, modes: DEFAULT_MODES });
const modeOf = (path: string): number => lstatSync(join(folder, path)).mode & 0o7777;

describe('placing a stored package', () => {
  test('writes its files with npm’s modes under the umask', async () => {
    storeTarball(store, tarball({ 'a.js': 'a', 'bin/b': 'b', c: 'c' }, { 'a.js': 0o600, 'bin/b': 0o755, c: 0o444 }));
    const before = process.umask(0o022);
    try {
      placePackage(job());
    } finally {
      process.umask(before);
    }
    expect(await readFile(join(folder, 'bin/b'), 'utf8')).toBe('b');
    expect([modeOf('a.js'), modeOf('bin/b'), modeOf('c'), modeOf('bin')]).toEqual([0o644, 0o755, 0o644, 0o755]);
  });

  test('honours npm’s own umask setting', () => {
    storeTarball(store, tarball({ 'd/a.js': 'a' }, { 'd/a.js': 0o644 }));
    const before = process.umask(0);
    try {
      placePackage({ ...job(), modes: { fmode: 0o666, dmode: 0o777, umask: 0o077 } });
    } finally {
      process.umask(before);
    }
    expect([modeOf('d/a.js'), modeOf('d')]).toEqual([0o600, 0o700]);
  });

  test('refuses a pack with a changed byte and writes nothing', async () => {
    storeTarball(store, tarball({ 'a.js': 'module.exports = 1' }));
    const file = packPath(store, integrity);
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    await chmod(file, 0o600);
    await writeFile(file, bytes);
    expect(() => placePackage(job())).toThrow(DamagedPackError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is broken off leaves no package.json, so that npm takes the package for absent', async () => {
    storeTarball(store, tarball({ 'package.json': '{}', 'a.js': 'a', 'z.js': 'z' }));
    await writeFile(join(folder, 'z.js'), 'in the way');
    expect(() => placePackage(job())).toThrow(/EEXIST/);
    expect(readdirSync(folder).sort()).toEqual(['a.js', 'z.js']);
  });

  test('does not write over a file, nor through a link', async () => {
    storeTarball(store, tarball({ 'node_modules/x/a.js': 'a' }));
    const outside = join(base, 'outside');
    await mkdir(outside);
    await mkdir(join(folder, 'node_modules'));
    await symlink(outside, join(folder, 'node_modules/x'));
    expect(() => placePackage(job())).toThrow(/EEXIST/);
    expect(readdirSync(outside)).toEqual([]);
    await rm(join(folder, 'node_modules/x'));
    await mkdir(join(folder, 'node_modules/x'));
    await symlink(join(outside, 'new'), join(folder, 'node_modules/x/a.js'));
    expect(() => placePackage(job())).toThrow(/EEXIST/);
    expect(existsSync(join(outside, 'new'))).toBe(false);
  });

  test('leaves nested packages alone that are there already', async () => {
    storeTarball(store, tarball({ 'a.js': 'a', 'node_modules/bundled/b.js': 'b' }));
    await mkdir(join(folder, 'node_modules/other'), { recursive: true });
    await writeFile(join(folder, 'node_modules/other/o.js'), 'o');
    placePackage(job());
    expect(readdirSync(join(folder, 'node_modules')).sort()).toEqual(['bundled', 'other']);
  });
});

describe('storing a tarball', () => {
  test('leaves one read-only file and no temporary one', () => {
    expect(storeTarball(store, tarball({ 'a.js': 'a' }))).toBe(true);
    const target = packPath(store, integrity);
    expect(readdirSync(join(target, '..'))).toHaveLength(1);
    expect(lstatSync(target).mode & 0o777).toBe(0o400);
  });

  test('where nothing can be written says so and throws nothing', async () => {
    await writeFile(store, 'a file where the store should be');
    expect(storeTarball(store, tarball({ 'a.js': 'a' }))).toBe(false);
  });

  test('holds many thousand small files, and empty ones', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f/${i}.js`, i % 3 === 0 ? '' : `${i}`]));
    storeTarball(store, tarball(files));
    placePackage(job());
    expect(readdirSync(join(folder, 'f'))).toHaveLength(3000);
    expect(await readFile(join(folder, 'f/2999.js'), 'utf8')).toBe('2999');
    expect(await readFile(join(folder, 'f/2997.js'), 'utf8')).toBe('');
  });
});
