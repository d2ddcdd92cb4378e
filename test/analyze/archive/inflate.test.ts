import { randomBytes } from 'node:crypto';
import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InflateMemory } from '../../../src/analyze/archive/inflate.js';

const CAP = 64 * 1024 * 1024;

describe('InflateMemory', () => {
  test('gives what was packed, into the same memory each time, which grows with what is asked for', () => {
    const memory = new InflateMemory();
    const texts = [Buffer.from('one'), randomBytes(3_000_000), Buffer.alloc(0), Buffer.from('four')];
    const places = texts.map((text) => {
      const read = memory.inflate(gzipSync(text), CAP, text.length + 1);
      expect(Buffer.from(read).equals(text)).toBe(true);
      return read.buffer;
    });
    expect(places[3]).toBe(places[1]);
    expect(places[1]).not.toBe(places[0]);
  });

  test('what says less of itself than it holds, and what is in two members, is read whole', () => {
    const memory = new InflateMemory();
    const text = randomBytes(2_000_000);
    expect(Buffer.from(memory.inflate(gzipSync(text), CAP, 1024)).equals(text)).toBe(true);
    const two = Buffer.concat([gzipSync('first '), gzipSync('second')]);
    expect(Buffer.from(memory.inflate(two, CAP, 1024)).toString()).toBe('first second');
  });

  test('more than the cap, damage and a cut are errors, after which it goes on', () => {
    const memory = new InflateMemory();
    const packed = gzipSync(randomBytes(5000));
    expect(() => memory.inflate(packed, 4999, 4999)).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }));
    expect(memory.inflate(packed, 5000, 5000)).toHaveLength(5000);
    const damaged = Buffer.from(packed);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
    expect(() => memory.inflate(damaged, CAP, 5001)).toThrow(expect.objectContaining({ code: 'Z_DATA_ERROR' }));
    expect(() => memory.inflate(packed.subarray(0, 3000), CAP, 5001)).toThrow(
      expect.objectContaining({ code: 'Z_BUF_ERROR' }),
    );
    expect(memory.inflate(packed, CAP, 5001)).toHaveLength(5000);
  });

  test('the call of zlib that it makes is there in this Node', () => {
    const stream = createGunzip() as unknown as { _handle?: { writeSync?: unknown }; _writeState?: unknown };
    expect(stream._handle?.writeSync).toBeTypeOf('function');
    expect(stream._writeState).toBeInstanceOf(Uint32Array);
  });
});
