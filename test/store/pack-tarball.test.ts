import { describe, expect, test } from 'vitest';
import { packTarball, type ScannedTarball } from '../../src/store/pack-tarball.js';

function tarball(paths: string[], more: Partial<ScannedTarball> = {}): ScannedTarball {
  return {
    integrity: 'sha512-Zm9v',
    files: new Map(paths.map((path) => [path, Buffer.from(path)])),
    modes: new Map(),
    plain: true,
    ...more,
  };
}

describe('packing a tarball', () => {
  test('names every folder once, parents first', () => {
    const pack = packTarball(tarball(['a/b/c/d.js', 'a/x.js', 'index.js']));
    expect(pack?.folders).toEqual(['a', 'a/b', 'a/b/c']);
  });

  test('turns .gitignore into .npmignore, as npm does', () => {
    const pack = packTarball(tarball(['.gitignore', 'lib/.gitignore', 'lib/x.gitignore']));
    expect(pack?.files.map(({ path }) => path)).toEqual(['.npmignore', 'lib/.npmignore', 'lib/x.gitignore']);
  });

  test('keeps an .npmignore that is there, and leaves the .gitignore out', () => {
    for (const paths of [
      ['.gitignore', '.npmignore'],
      ['.npmignore', '.gitignore'],
    ]) {
      const files = packTarball(tarball(paths))?.files ?? [];
      expect(files.map(({ path, content }) => [path, content.toString()])).toEqual([['.npmignore', '.npmignore']]);
    }
  });

  test.each([
    ['paths that differ by case', ['README.md', 'readme.md']],
    ['paths that differ by Unicode form', ['\u00e9.js', 'e\u0301.js']],
    ['a file that is also a folder', ['lib', 'lib/index.js']],
    ['folders that differ by case', ['Lib/a.js', 'lib/b.js']],
  ])('leaves %s to npm’s own extraction', (_name, paths) => {
    expect(packTarball(tarball(paths))).toBeNull();
  });

  test('leaves tarballs that are not plain, or have no strong hash, to npm’s own extraction', () => {
    expect(packTarball(tarball(['a.js'], { plain: false }))).toBeNull();
    expect(packTarball(tarball(['a.js'], { integrity: null }))).toBeNull();
  });
});
