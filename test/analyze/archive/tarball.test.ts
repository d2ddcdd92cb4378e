import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { IntegrityMismatchError, readTarball } from '../../../src/analyze/index.js';
import { tarballOf } from '../in-memory.js';

const MANIFEST = { path: 'package/package.json', content: '{"name":"a","version":"1.0.0"}' };
const ids = (bytes: Uint8Array, limits = {}): string[] =>
  readTarball(bytes, { limits }).problems.map((problem) => problem.id);

describe('readTarball', () => {
  test('gives every file below the first folder, and the sha512 of the packed bytes', () => {
    const bytes = tarballOf([MANIFEST, { path: 'package/lib/a.js', content: 'one' }]);
    const read = readTarball(bytes);
    expect([...read.files.keys()]).toEqual(['package.json', 'lib/a.js']);
    expect(Buffer.from(read.files.get('lib/a.js') ?? '').toString()).toBe('one');
    expect(read.integrity).toBe(`sha512-${createHash('sha512').update(bytes).digest('base64')}`);
    expect(read.problems).toEqual([]);
  });

  test('refuses bytes that are not those of the integrity, by any algorithm it names', () => {
    const bytes = tarballOf([MANIFEST]);
    const sha1 = `sha1-${createHash('sha1').update(bytes).digest('base64')}`;
    expect(readTarball(bytes, { integrity: sha1 }).files.size).toBe(1);
    expect(() => readTarball(bytes, { integrity: `sha512-${Buffer.alloc(64).toString('base64')}` })).toThrow(
      IntegrityMismatchError,
    );
    expect(() => readTarball(bytes, { integrity: 'nonsense' })).toThrow(IntegrityMismatchError);
  });

  test('keeps both contents of a path that occurs twice, whatever way it is written', () => {
    const read = readTarball(
      tarballOf([
        MANIFEST,
        { path: 'package/./index.js', content: 'bad()' },
        { path: 'package/index.js', content: 'good()' },
      ]),
    );
    expect(Buffer.from(read.files.get('index.js') ?? '').toString()).toBe('good()');
    expect(read.variants.get('index.js')?.map((variant) => Buffer.from(variant).toString())).toEqual(['bad()']);
    expect(read.problems.map((problem) => problem.id)).toContain('archive.duplicate');
  });

  test('a path twice with the same content is no problem: real packages have it', () => {
    expect(
      ids(tarballOf([MANIFEST, { path: 'package/./a.js', content: 'x' }, { path: 'package/a.js', content: 'x' }])),
    ).toEqual([]);
  });

  test.each([
    ['traversal', { path: 'package/../../evil.js', content: 'x' }, 'archive.traversal'],
    ['absolute', { path: '/etc/cron.d/x', content: 'x' }, 'archive.absolute'],
    ['symbolic link', { path: 'package/link', type: 'SymbolicLink', linkpath: '/etc/passwd' }, 'archive.link'],
    ['hard link', { path: 'package/hard', type: 'Link', linkpath: '../../x' }, 'archive.link'],
    ['device', { path: 'package/dev', type: 'CharacterDevice' }, 'archive.special'],
  ] as const)('reports a %s and does not take it', (_name, entry, id) => {
    const read = readTarball(tarballOf([MANIFEST, entry]));
    expect(read.problems.map((problem) => problem.id)).toContain(id);
    expect([...read.files.keys()].filter((path) => path.startsWith('..') || path.startsWith('/'))).toEqual([]);
  });

  test('a decompression bomb ends at the limit', () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
    expect(ids(bomb)).toContain('limit.ratio');
  });

  test('too many entries, too many bytes, damaged and empty input are facts', () => {
    const many = tarballOf(
      Array.from({ length: 30 }, (_unused, index) => ({ path: `package/${index}.js`, content: 'x' })),
    );
    expect(ids(many, { entries: 10 })).toContain('limit.entries');
    expect(ids(many, { bytes: 10 })).toContain('limit.bytes');
    expect(ids(tarballOf([MANIFEST]).subarray(0, 40))).toContain('archive.damaged');
    expect(readTarball(Buffer.from('not a tarball at all')).files.size).toBe(0);
    expect(readTarball(Buffer.alloc(0)).files.size).toBe(0);
  });
});
