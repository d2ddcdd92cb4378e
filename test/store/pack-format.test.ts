import { describe, expect, test } from 'vitest';
import { DamagedPackError, decodePack, encodePack, type Pack } from '../../src/store/pack-format.js';

const pack: Pack = {
  integrity: 'sha512-Zm9v',
  folders: ['lib', 'lib/empty'],
  files: [
    { path: 'package.json', mode: 0o644, content: Buffer.from('{"name":"a"}') },
    { path: 'lib/ü.js', mode: 0o755, content: Buffer.from([0, 255, 10]) },
    { path: 'lib/none', mode: 0o600, content: Buffer.alloc(0) },
  ],
};
const encoded = Buffer.concat(encodePack(pack));

function plain(decoded: Pack): Pack {
  return { ...decoded, files: decoded.files.map((file) => ({ ...file, content: Buffer.from(file.content) })) };
}

describe('a pack', () => {
  test('comes back as it was', () => {
    expect(plain(decodePack(encoded, pack.integrity))).toEqual(plain(pack));
  });

  test('with any byte changed is refused', () => {
    for (let at = 0; at < encoded.length; at += 1) {
      const changed = Buffer.from(encoded);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => decodePack(changed, pack.integrity), `byte ${at}`).toThrow(DamagedPackError);
    }
  });

  test('cut short anywhere, or with more behind it, is refused', () => {
    for (let length = 0; length < encoded.length; length += 1) {
      expect(() => decodePack(encoded.subarray(0, length), pack.integrity), `${length} bytes`).toThrow(
        DamagedPackError,
      );
    }
    expect(() => decodePack(Buffer.concat([encoded, Buffer.from('x')]), pack.integrity)).toThrow(DamagedPackError);
  });

  test('of another tarball is refused', () => {
    expect(() => decodePack(encoded, 'sha512-YmFy')).toThrow(/it holds sha512-Zm9v/);
  });
});
