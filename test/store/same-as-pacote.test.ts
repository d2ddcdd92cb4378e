import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pacote from 'pacote';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { snapshotTree } from '../../scripts/trees/snapshot.js';
import { readTarball } from '../../src/analyze/index.js';
import { placePackage } from '../../src/store/place.js';
import { storeTarball } from '../../src/store/write-pack.js';
import { makeTarball, type RawEntry } from './make-tarball.js';

const manifest: RawEntry = { path: 'package/package.json', content: '{"name":"a","version":"1.0.0"}' };
let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'si-same-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function extractedByPacote(bytes: Buffer, modes = {}) {
  const file = join(base, 'a.tgz');
  await writeFile(file, bytes);
  await pacote.extract(`file:${file}`, join(base, 'pacote'), { cache: join(base, 'cache'), ...modes });
  return snapshotTree(join(base, 'pacote'));
}

const ordinary: [string, RawEntry[]][] = [
  [
    'modes of all kinds',
    [0o600, 0o640, 0o444, 0o755, 0o777, 0o4755, 0].map((mode) => ({ path: `package/${mode}`, mode })),
  ],
  [
    'folders with and without entries, an empty one',
    [
      { path: 'package/empty/', type: 'Directory', mode: 0o700 },
      { path: 'package/a/b/c.js', content: 'c' },
      { path: 'package/a', type: 'Directory', mode: 0o755 },
    ],
  ],
  [
    'the same path twice, once with a dot',
    [
      { path: 'package/./dist/x.js', content: 'first', mode: 0o755 },
      { path: 'package/dist/x.js', content: 'second', mode: 0o644 },
    ],
  ],
  [
    '.gitignore alone',
    [
      { path: 'package/.gitignore', content: 'g' },
      { path: 'package/t/.gitignore', content: 't' },
    ],
  ],
  [
    '.gitignore before .npmignore',
    [
      { path: 'package/.gitignore', content: 'g' },
      { path: 'package/.npmignore', content: 'n' },
    ],
  ],
  [
    '.npmignore before .gitignore',
    [
      { path: 'package/.npmignore', content: 'n' },
      { path: 'package/.gitignore', content: 'g' },
    ],
  ],
  ['bundled packages', [{ path: 'package/node_modules/b/index.js', content: 'b' }]],
  ['another first folder', [{ path: 'other/index.js', content: 'o' }]],
];

describe('what the store places is what npm’s extraction writes', () => {
  test.each(ordinary)('%s', async (_name, entries) => {
    const bytes = makeTarball([manifest, ...entries]);
    const store = join(base, 'store');
    const files = readTarball(bytes);
    expect(storeTarball(store, files)).toBe(true);
    for (const modes of [
      { fmode: 0o666, dmode: 0o777, umask: 0 },
      { fmode: 0o640, dmode: 0o750, umask: 0o027 },
    ]) {
      const folder = join(base, 'placed');
      await mkdir(folder);
      placePackage({ store, integrity: files.integrity!, folder, modes });
      expect(await snapshotTree(folder)).toEqual(await extractedByPacote(bytes, modes));
      await rm(folder, { recursive: true });
      await rm(join(base, 'pacote'), { recursive: true });
    }
  });

  test.each<[string, RawEntry[]]>([
    ['a link', [{ path: 'package/l', type: 'SymbolicLink', linkpath: 'package.json' }]],
    ['an absolute path', [{ path: '/package/x' }]],
    ['a drive letter', [{ path: 'package/C:/x' }]],
    ['a climbing path', [{ path: 'package/../x' }]],
    ['a leading dot', [{ path: './package/x' }]],
    ['a backslash', [{ path: 'package/a\\b' }]],
    [
      'paths that differ by case',
      [
        { path: 'package/A', content: '1' },
        { path: 'package/a', content: '1' },
      ],
    ],
  ])('leaves a tarball with %s to npm’s extraction', (_name, entries) => {
    expect(storeTarball(join(base, 'store'), readTarball(makeTarball([manifest, ...entries])))).toBe(false);
  });
});
