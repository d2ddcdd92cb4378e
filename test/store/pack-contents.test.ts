import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentsOf, type PackContents, withStoredPack } from '../../src/store/pack-contents.js';
import { DamagedPackError, encodePack, type Pack } from '../../src/store/pack-format.js';

let base: string;
let file: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'si-contents-'));
  file = join(base, 'pack');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

// One buffer holds 256 KiB: packs below, at and above it, and files that cross its edges.
const KIB = 1024;
const packOf = (sizes: number[], path = 'lib/'): Pack => ({
  integrity: 'sha512-Zm9v',
  folders: ['lib'],
  files: sizes.map((size, at) => ({ path: `${path}${at}.bin`, mode: 0o644, content: randomBytes(size) })),
});
const store = (pack: Pack): void => writeFileSync(file, Buffer.concat(encodePack(pack)));

/** What each file of the contents is written as, in the order of `order`. */
function written(contents: PackContents, order = contents.files): Buffer[] {
  return order.map((each) => {
    const target = join(base, 'target');
    const handle = openSync(target, 'w');
    contents.write(each, handle);
    closeSync(handle);
    expect(Buffer.from(contents.read(each)).equals(readFileSync(target))).toBe(true);
    return readFileSync(target);
  });
}

describe.each([
  ['nothing', []],
  ['empty files', [0, 0]],
  ['little', [10, 0, 4 * KIB]],
  ['about as much as the buffer holds', [200 * KIB, 55 * KIB, 1]],
  ['many files over several buffers', Array.from({ length: 60 }, (_, at) => at * KIB + at)],
  ['a file larger than the buffer between small ones', [3, 900 * KIB, 5, 256 * KIB, 7]],
])('a pack of %s', (_, sizes) => {
  test('gives what was packed, in any order', () => {
    const pack = packOf(sizes);
    store(pack);
    const whole = pack.files.map(({ content }) => Buffer.from(content));
    const read = withStoredPack(file, pack.integrity, (contents) => [
      written(contents),
      written(contents, contents.files.toReversed()).toReversed(),
    ]);
    for (const each of [...read, written(contentsOf(pack))])
      expect(each.every((b, at) => b.equals(whole[at] as Buffer))).toBe(true);
    expect(withStoredPack(file, pack.integrity, ({ files, folders }) => [files.length, folders])).toEqual([
      sizes.length,
      ['lib'],
    ]);
  });

  test('is refused where a byte is another, or missing', () => {
    const pack = packOf(sizes);
    store(pack);
    const bytes = readFileSync(file);
    const use = (): unknown => withStoredPack(file, pack.integrity, () => 'used');
    for (const at of [0, 8, 40, 45, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      writeFileSync(file, changed);
      expect(use, `byte ${at} of ${bytes.length}`).toThrow(DamagedPackError);
    }
    for (const length of [0, 20, 43, bytes.length - 1]) {
      writeFileSync(file, bytes);
      truncateSync(file, length);
      expect(use, `${length} bytes`).toThrow(DamagedPackError);
    }
    writeFileSync(file, bytes);
    expect(use()).toBe('used');
    expect(() => withStoredPack(file, 'sha512-YmFy', () => 'used')).toThrow(/it holds sha512-Zm9v/);
  });
});

test('an index that is longer than the buffer is read', () => {
  const pack = packOf(
    Array.from({ length: 3000 }, () => 3),
    `lib/${'a'.repeat(100)}-`,
  );
  store(pack);
  const last = withStoredPack(file, pack.integrity, (contents) => written(contents, contents.files.slice(-2)));
  expect(last).toEqual(pack.files.slice(-2).map(({ content }) => content));
});

test('a pack that is not there is no damaged one', () => {
  expect(() => withStoredPack(file, 'sha512-Zm9v', () => 'used')).toThrow(/ENOENT/);
});
