import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pacote from 'pacote';
import { expect, test } from 'vitest';
import { snapshotTree } from '../../../scripts/trees/snapshot.js';
import { readTarball } from '../../../src/analyze/archive/index.js';
import { makeTarball } from '../../store/make-tarball.js';

// What is read under a path must be what npm writes under it: else an `index.js` is scanned that is not the one installed.
test.each([
  'package/index.js',
  './package/index.js',
  'package/./lib/index.js',
  'package//lib/index.js',
  '/package/index.js',
  'package/C:/index.js',
  'C:/package/index.js',
  'package/C:D:/index.js',
  'package/C:index.js',
  'package//C:/index.js',
  '//server/share/index.js',
  'index.js',
  'package/../index.js',
  '../package/index.js',
  'package/lib/../index.js',
  'package/..index.js',
  'package/...',
])('reads %s where npm’s extraction writes it', async (path) => {
  const folder = await mkdtemp(join(tmpdir(), 'si-entry-'));
  try {
    const bytes = makeTarball([{ path: 'package/package.json', content: '{"name":"a","version":"1.0.0"}' }, { path }]);
    await writeFile(join(folder, 'a.tgz'), bytes);
    await pacote.extract(`file:${join(folder, 'a.tgz')}`, join(folder, 'out'), { cache: join(folder, 'cache') });
    const written = [...(await snapshotTree(join(folder, 'out')))].filter(([, { type }]) => type === 'file');
    expect([...readTarball(bytes).files.keys()].sort()).toEqual(written.map(([name]) => name).sort());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
