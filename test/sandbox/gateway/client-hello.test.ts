import { beforeAll, describe, expect, test } from 'vitest';
import { parseClientHello } from '../../../src/sandbox/gateway/client-hello.js';
import { captured, extended } from './flights.js';

/** Cuts a handshake into records of `size` bytes each. */
function fragmented(flight: Buffer, size: number): Buffer {
  const message = flight.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

function sni(name: string): Buffer {
  const text = Buffer.from(name, 'latin1');
  const body = Buffer.concat([Buffer.alloc(5), text]);
  body.writeUInt16BE(text.length + 3, 0);
  body.writeUInt16BE(text.length, 3);
  return body;
}

describe('ClientHello', () => {
  let flight: Buffer;
  let nameless: Buffer;
  beforeAll(async () => {
    flight = await captured('Cdn.Example');
    nameless = await captured('');
  });

  test('gives the server name in lower case, or none', () => {
    expect(parseClientHello(flight)).toEqual({ serverName: 'cdn.example', encrypted: false });
    expect(parseClientHello(nameless)).toEqual({ serverName: null, encrypted: false });
  });

  test('is incomplete until its last byte, in however many records', () => {
    for (const size of [1, 2, 7, 100, 16384]) {
      const bytes = fragmented(flight, size);
      expect(parseClientHello(bytes)).toEqual({ serverName: 'cdn.example', encrypted: false });
      for (let end = 0; end < bytes.length; end += 13) expect(parseClientHello(bytes.subarray(0, end))).toBeNull();
    }
  });

  test('ignores what follows it in the same flight', () => {
    expect(parseClientHello(Buffer.concat([flight, Buffer.from([20, 3, 3, 0, 1, 1])]))!.serverName).toBe('cdn.example');
  });

  test('with two server names is refused', () => {
    expect(() => parseClientHello(extended(flight, 0, sni('other.example')))).toThrow('more than one server name');
    const two = Buffer.concat([sni('a.example'), Buffer.from([0, 0, 1, 98])]);
    expect(() => parseClientHello(extended(nameless, 0, two))).toThrow('more than one server name');
    two.writeUInt16BE(two.length - 2, 0);
    expect(() => parseClientHello(extended(nameless, 0, two))).toThrow('more than one server name');
  });

  test('with a name that no DNS name can be is refused', () => {
    for (const name of ['a.example\0.b.example', 'a b', '', 'a/b', '\u00e4.example']) {
      expect(() => parseClientHello(extended(nameless, 0, sni(name)))).toThrow();
    }
  });

  test('says when the real name is encrypted', () => {
    expect(parseClientHello(extended(flight, 0xfe0d, Buffer.alloc(40)))!.encrypted).toBe(true);
  });

  test('anything else is refused at its first bytes', () => {
    for (const text of [
      'GET / HTTP/1.1\r\n',
      'SSH-2.0-x\r\n',
      '\x16\x02\x00',
      '\x80\x2e\x01',
      '\x16\x03\x01\x00\x00',
    ]) {
      expect(() => parseClientHello(Buffer.from(text, 'latin1'))).toThrow();
    }
    expect(() => parseClientHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]))).toThrow('not a ClientHello');
    expect(() => parseClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255]))).toThrow('too long');
  });

  test('with any bytes changed is parsed or refused, never out of bounds', () => {
    let state = 1;
    const next = (below: number) => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return state % below;
    };
    for (let round = 0; round < 20_000; round++) {
      const broken = Buffer.from(flight);
      for (let i = 0; i < 3; i++) broken[next(broken.length)] = next(256);
      try {
        parseClientHello(broken.subarray(0, next(broken.length)));
      } catch (error) {
        expect((error as Error).message).toMatch(/TLS|ClientHello|server name/);
      }
    }
  });
});
