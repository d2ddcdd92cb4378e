import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tar from 'tar';
import { expect, test } from 'vitest';
import { parseManifest, readTarballManifest } from '../../src/fetch/index.js';

test.each(['', 'null', '7', '"x"', '[]', '{', '{"scripts":7,"bin":null,"gypfile":"no"}'])(
  '%s has no scripts',
  (text) => {
    expect(parseManifest(text)).toMatchObject({ scripts: {}, gypfile: undefined });
  },
);

test('a byte order mark, a bin that is text, scripts that are no text', () => {
  expect(parseManifest('\uFEFF{"name":"@s/tool","bin":"x.js","scripts":{"install":"a","test":{}}}')).toMatchObject({
    name: '@s/tool',
    bin: { tool: 'x.js' },
    scripts: { install: 'a' },
  });
});

test('of two package.json in a tarball the last counts, as on disk; binding.gyp is seen beside it only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'si-manifest-'));
  try {
    const file = join(folder, 'a.tgz');
    await writeFile(join(folder, 'package.json'), '{"name":"first","scripts":{"install":"one"}}');
    await tar.create({ file: join(folder, 'a.tar'), cwd: folder, prefix: 'package', portable: true }, ['package.json']);
    await writeFile(join(folder, 'package.json'), '{"name":"second","scripts":{"install":"two"}}');
    await tar.update({ file: join(folder, 'a.tar'), cwd: folder, prefix: './package', portable: true }, [
      'package.json',
    ]);
    expect(await readTarballManifest(join(folder, 'a.tar'))).toMatchObject({
      name: 'second',
      scripts: { install: 'two' },
      hasBindingGyp: false,
    });
    await writeFile(file, gzipSync(await readFile(join(folder, 'a.tar'))));
    expect(await readTarballManifest(file)).toEqual(await readTarballManifest(join(folder, 'a.tar')));
    await writeFile(join(folder, 'binding.gyp'), '{}');
    await tar.create({ file, gzip: true, cwd: folder, prefix: 'package', portable: true }, [
      'package.json',
      'binding.gyp',
    ]);
    expect((await readTarballManifest(file)).hasBindingGyp).toBe(true);
    await tar.create({ file, gzip: true, cwd: folder, prefix: 'package/sub', portable: true }, ['binding.gyp']);
    expect((await readTarballManifest(file)).hasBindingGyp).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
