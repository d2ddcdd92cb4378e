import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AnalyzerPool, defaultRulesFolder, readTarball } from '../../../src/analyze/index.js';
import { DEFAULT_MODES } from '../../../src/store/index.js';
import { packPath } from '../../../src/store/store-path.js';
import { tarballOf } from '../in-memory.js';

const base = mkdtempSync(join(tmpdir(), 'pool-place-'));
const store = join(base, 'store', 'v1');
const pool = new AnalyzerPool({ rulesFolders: [defaultRulesFolder()], home: null, store, workers: 2 });
afterAll(async () => {
  await pool.close();
  rmSync(base, { recursive: true, force: true });
});

interface Given {
  tarball: string;
  integrity: string;
}

function make(name: string): Given {
  const bytes = tarballOf([
    { path: 'package/package.json', content: JSON.stringify({ name, version: '1.0.0' }) },
    { path: 'package/lib/a.js', content: `module.exports = '${name}'` },
  ]);
  const tarball = join(base, `${name}.tgz`);
  writeFileSync(tarball, bytes);
  return { tarball, integrity: readTarball(bytes).integrity as string };
}

function folder(name: string): string {
  mkdirSync(join(base, name));
  return join(base, name);
}

const place = ({ tarball, integrity }: Given, into: string, by = pool) =>
  by.place({ store, integrity, folder: into, modes: DEFAULT_MODES }, tarball);
const content = (of: string): string => readFileSync(join(of, 'lib/a.js'), 'utf8');

describe('AnalyzerPool.place', () => {
  test('many packages at once reach their folders, unpacked once and then from the store', async () => {
    const given = Array.from({ length: 20 }, (_, number) => make(`many-${number}`));
    const unpacked = given.map((each, number) => place(each, folder(`first-${number}`)));
    expect(await Promise.all(unpacked)).toEqual(given.map(() => 'unpacked'));
    for (const { tarball } of given) rmSync(tarball);
    const placed = given.map((each, number) => place(each, folder(`second-${number}`)));
    expect(await Promise.all(placed)).toEqual(given.map(() => 'placed'));
    for (const time of ['first', 'second'])
      given.forEach((_, number) => {
        expect(content(join(base, `${time}-${number}`))).toBe(`module.exports = 'many-${number}'`);
      });
  });

  test('what a scan has read is in the store', async () => {
    const { tarball, integrity } = make('scanned');
    await pool.scan({ kind: 'tarball', file: tarball, integrity, source: 'registry' });
    expect(await place({ tarball, integrity }, folder('scanned'))).toBe('placed');
  });

  test('of a package whose verdict is known the tarball is unpacked ahead of time, where packages will be written', async () => {
    const { tarball, integrity } = make('known');
    const home = join(base, 'home');
    const target = { kind: 'tarball', file: tarball, integrity, source: 'registry' } as const;
    const ours = { rulesFolders: [defaultRulesFolder()], home, store, workers: 1 };
    const first = new AnalyzerPool({ ...ours, store: null });
    await first.scan(target);
    await first.close();
    const looking = new AnalyzerPool(ours);
    await looking.scan(target);
    await looking.close();
    expect(existsSync(packPath(store, integrity))).toBe(false);
    const writing = new AnalyzerPool(ours);
    writing.warmUp();
    expect((await writing.scan(target)).stats.fromCache).toBe(true);
    await expect.poll(() => existsSync(packPath(store, integrity)), { timeout: 10_000 }).toBe(true);
    await writing.close();
  });

  test('a damaged pack is made again of the tarball; nothing of it is written', async () => {
    const given = make('damaged');
    await place(given, folder('damaged-before'));
    const file = packPath(store, given.integrity);
    chmodSync(file, 0o600);
    const bytes = readFileSync(file);
    bytes.write('X', bytes.length - 3);
    writeFileSync(file, bytes);
    expect(await place(given, folder('damaged'))).toBe('unpacked');
    expect(content(join(base, 'damaged'))).toBe("module.exports = 'damaged'");
    expect(await place(given, folder('damaged-after'))).toBe('placed');
  });

  test('a tarball that is not of the integrity writes nothing, neither here nor into the store', async () => {
    const given = make('wanted');
    writeFileSync(given.tarball, readFileSync(make('other').tarball));
    const into = folder('changed');
    expect(await place(given, into)).toBe('failed');
    expect(readdirSync(into)).toEqual([]);
    expect(existsSync(packPath(store, given.integrity))).toBe(false);
  });

  test('a file that is there already is an error and stays as it is', async () => {
    const into = folder('full');
    mkdirSync(join(into, 'lib'));
    writeFileSync(join(into, 'lib/a.js'), 'the user’s');
    expect(await place(make('full'), into)).toBe('failed');
    expect(content(into)).toBe('the user’s');
  });

  test('a thread that takes too long is ended, and has ended when the caller goes on', async () => {
    const slow = new AnalyzerPool({
      rulesFolders: [defaultRulesFolder()],
      home: null,
      store,
      workers: 1,
      timeoutMs: 1,
    });
    const into = folder('slow');
    expect(await place(make('slow'), into, slow)).toBe('failed');
    const then = readdirSync(into);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(readdirSync(into)).toEqual(then);
    await slow.close();
  });
});
