import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockedPackages } from '../../src/install/ahead/locked-packages.js';
import { movePackage } from '../../src/install/ahead/move-package.js';
import { PlaceThreads } from '../../src/install/ahead/place-threads.js';
import { onSameMount } from '../../src/install/ahead/same-mount.js';
import { Stage, stagesFolder } from '../../src/install/ahead/stage.js';
import { startOf } from '../../src/install/process-life.js';
import { DEFAULT_THRESHOLDS } from '../../src/score.js';
import { DEFAULT_MODES, storeTarball } from '../../src/store/index.js';
import { packPath } from '../../src/store/store-path.js';

let base: string;
let store: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-ahead-'));
  store = join(base, 'store');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(base, ...parts);
const integrityOf = (fill: number): string => `sha512-${Buffer.alloc(64, fill).toString('base64')}`;
const [A, B, C, D] = [1, 2, 3, 4].map(integrityOf) as [string, string, string, string];

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  }
}

describe('what a lock file lets expect', () => {
  const lock = (packages: Record<string, object>): string => JSON.stringify({ lockfileVersion: 3, packages });

  test('is what comes from a registry: no links, no git, nothing that is bundled or omitted', () => {
    write({
      'package-lock.json': lock({
        '': { name: 'p' },
        'node_modules/a': { integrity: A, resolved: 'http://registry.test/a.tgz' },
        'node_modules/a/node_modules/b': { integrity: B, dev: true },
        'node_modules/c': { integrity: C, inBundle: true },
        'node_modules/d': { integrity: D, resolved: 'git+ssh://git@host.test/d.git#1' },
        'node_modules/e': { integrity: 'sha1-x' },
        'node_modules/f': { link: true, resolved: 'packages/f' },
      }),
    });
    expect(lockedPackages(base, [], true)).toEqual([A, B]);
    expect(lockedPackages(base, ['dev'], true)).toEqual([A]);
  });

  test('passes over what is no package: that is for arborist to complain of', () => {
    for (const packages of [
      { 'node_modules/a': null, 'node_modules/b': { integrity: B } },
      { x: 1, y: { integrity: B } },
    ]) {
      write({ 'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }) });
      expect(lockedPackages(base, [], true)).toEqual([B]);
    }
  });

  test('leaves out what stands there already, but for a clean install', () => {
    const packages = { 'node_modules/a': { integrity: A }, 'node_modules/b': { integrity: B } };
    write({
      'package-lock.json': lock(packages),
      'node_modules/.package-lock.json': lock({ ...packages, 'node_modules/b': { integrity: C } }),
    });
    expect(lockedPackages(base, [], false)).toEqual([B]);
    expect(lockedPackages(base, [], true)).toEqual([A, B]);
  });

  test('is nothing where the lock file is absent or broken', () => {
    expect(lockedPackages(base, [], true)).toEqual([]);
    write({ 'package-lock.json': '{' });
    expect(lockedPackages(base, [], true)).toEqual([]);
  });
});

describe('moving a package into its folder', () => {
  beforeEach(() => {
    write({ 'from/package.json': '{}', 'from/lib/a.js': 'a' });
    mkdirSync(at('to'));
  });

  test('takes the place of the empty one', () => {
    expect(movePackage(at('from'), at('to'))).toBe(true);
    expect(readFileSync(at('to/lib/a.js'), 'utf8')).toBe('a');
    expect(existsSync(at('from'))).toBe(false);
  });

  test('leaves packages below it where they are', () => {
    write({ 'to/node_modules/b/package.json': 'b' });
    expect(movePackage(at('from'), at('to'))).toBe(true);
    expect(readdirSync(at('to')).sort()).toEqual(['lib', 'node_modules', 'package.json']);
    expect(readFileSync(at('to/node_modules/b/package.json'), 'utf8')).toBe('b');
  });

  test('is not done where both have a node_modules', () => {
    write({ 'to/node_modules/b/package.json': 'b', 'from/node_modules/c/package.json': 'c' });
    expect(movePackage(at('from'), at('to'))).toBe(false);
    expect(readdirSync(at('to'))).toEqual(['node_modules']);
  });

  test('is not done where folders that are made there get other rights', () => {
    chmodSync(at('to'), 0o2775);
    expect(movePackage(at('from'), at('to'))).toBe(false);
    expect(readdirSync(at('to'))).toEqual([]);
  });
});

test('two folders of one file system are on one mount, two of different ones are not', () => {
  mkdirSync(at('a'));
  expect(onSameMount(base, at('a'))).toBe(true);
  if (existsSync('/proc/self')) expect(onSameMount(base, '/proc/self')).toBe(false);
});

const stored = (...integrities: string[]) => integrities.map((integrity) => ({ integrity, tarball: '' }));

describe('a stage', () => {
  let threads: PlaceThreads;
  let stage: Stage;
  const stages = (): string[] => readdirSync(stagesFolder(base));

  beforeEach(() => {
    for (const [fill, integrity] of [A, B].entries()) {
      storeTarball(store, {
        integrity,
        files: new Map([['package.json', Buffer.from(`{"fill":${fill}}`)]]),
        modes: new Map(),
        plain: true,
      });
    }
    threads = new PlaceThreads({ rulesFolders: [], thresholds: DEFAULT_THRESHOLDS, store });
    stage = new Stage(base, threads, { store, modes: DEFAULT_MODES });
    for (const name of ['a', 'b', 'again']) mkdirSync(at('modules', name), { recursive: true });
  });

  test('gives each package once for every time that it was asked for, as written there', async () => {
    stage.begin(stored(A, A, B));
    expect(await stage.take(A, at('modules/a'))).toBe(true);
    expect(await stage.take(A, at('modules/again'))).toBe(true);
    expect(await stage.take(A, at('modules/b'))).toBe(false);
    expect(await stage.take(B, at('modules/b'))).toBe(true);
    for (const [name, text] of [
      ['a', '{"fill":0}'],
      ['again', '{"fill":0}'],
      ['b', '{"fill":1}'],
    ] as const)
      expect(readFileSync(at('modules', name, 'package.json'), 'utf8')).toBe(text);
    expect(lstatSync(at('modules/a')).mode & 0o777).toBe(0o777 & ~process.umask());
    await stage.close();
    expect(stages()).toEqual([]);
  });

  test('gives nothing of a pack that was changed in the store', async () => {
    const file = packPath(store, A);
    chmodSync(file, 0o600);
    writeFileSync(file, readFileSync(file, 'latin1').replace('fill', 'evil'), 'latin1');
    stage.begin(stored(A, B));
    expect(await stage.take(A, at('modules/a'))).toBe(false);
    expect(readdirSync(at('modules/a'))).toEqual([]);
    expect(await stage.take(B, at('modules/b'))).toBe(true);
    await stage.close();
  });

  test('begins what is allowed later, and nothing twice', async () => {
    stage.begin(stored(A));
    for (const integrity of [A, A, B]) stage.allowed({ integrity, tarball: '' });
    expect(await stage.take(A, at('modules/a'))).toBe(true);
    expect(await stage.take(A, at('modules/again'))).toBe(true);
    expect(await stage.take(B, at('modules/b'))).toBe(true);
    mkdirSync(at('modules/more'));
    expect(await stage.take(A, at('modules/more'))).toBe(false);
    await stage.close();
  });

  test('is written by this thread, too, where that has nothing else to do', async () => {
    const helped = new PlaceThreads({ rulesFolders: [], thresholds: DEFAULT_THRESHOLDS, store }, true);
    const own = new Stage(base, helped, { store, modes: DEFAULT_MODES });
    // More than the threads are given at once, so that some wait.
    own.begin(stored(...Array<string>(60).fill(A), C, B));
    await own.help();
    for (let number = 0; number < 60; number += 1) {
      const folder = at('modules', `made-${number}`);
      mkdirSync(folder);
      expect(await own.take(A, folder)).toBe(true);
      expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{"fill":0}');
    }
    expect(await own.take(C, at('modules/a'))).toBe(false);
    expect(await own.take(B, at('modules/b'))).toBe(true);
    await own.close();
    await stage.close();
    expect(stages()).toEqual([]);
  });

  test('removes what nobody took and what killed processes left, not what a living one has', async () => {
    const living = `${process.ppid}-${startOf(process.ppid) ?? 0}-0123456789ab`;
    write({ 'staged/99999999-1-0123456789ab/0/x': '', [`staged/${living}/0/x`]: '' });
    stage.begin(stored(A));
    await stage.close();
    expect(stages()).toEqual([living]);
  });

  test('answers when its threads have ended', async () => {
    stage.begin(stored(A));
    await threads.close();
    stage.begin(stored(B));
    expect(await stage.take(B, at('modules/b'))).toBe(false);
    await stage.close();
  });
});
