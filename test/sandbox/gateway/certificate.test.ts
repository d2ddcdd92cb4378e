import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { addressBytes } from '../../../src/sandbox/gateway/address.js';
import { createRunAuthority } from '../../../src/sandbox/gateway/authority.js';
import { oid, sequence, time, unsigned } from '../../../src/sandbox/gateway/der.js';

const hex = (bytes: Buffer) => bytes.toString('hex');

describe('DER', () => {
  it('writes integers, identifiers, lengths and times as X.690 says', () => {
    expect(hex(unsigned(Buffer.from([0x80])))).toBe('02020080');
    expect(hex(unsigned(Buffer.from([0, 0, 0x7f])))).toBe('02017f');
    expect(hex(unsigned(Buffer.from([0])))).toBe('020100');
    expect(hex(oid('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302');
    expect(hex(sequence(Buffer.alloc(127))).slice(0, 4)).toBe('307f');
    expect(hex(sequence(Buffer.alloc(128))).slice(0, 6)).toBe('308180');
    expect(hex(sequence(Buffer.alloc(300))).slice(0, 8)).toBe('3082012c');
    expect(time(new Date('2049-12-31T23:59:59.500Z')).toString('latin1', 2)).toBe('491231235959Z');
    expect(time(new Date('2050-01-01T00:00:00Z')).toString('latin1', 2)).toBe('20500101000000Z');
  });

  it('knows the bytes of addresses', () => {
    expect(hex(addressBytes('192.0.2.1'))).toBe('c0000201');
    expect(hex(addressBytes('::1'))).toBe('00000000000000000000000000000001');
    expect(hex(addressBytes('2001:DB8::192.0.2.1'))).toBe('20010db80000000000000000c0000201');
    expect(hex(addressBytes('1:2:3:4:5:6:7:8'))).toBe('00010002000300040005000600070008');
  });
});

describe("a run's certificates", () => {
  it('are what OpenSSL takes for an authority and its server, for one name and two days', () => {
    const authority = createRunAuthority();
    const root = new X509Certificate(authority.certificate);
    const leaf = new X509Certificate(authority.issue('registry.example').cert);
    expect([root.ca, leaf.ca]).toEqual([true, false]);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(leaf.publicKey)).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.subjectAltName).toBe('DNS:registry.example');
    expect(leaf.checkHost('registry.example')).toBe('registry.example');
    expect(leaf.checkHost('other.example')).toBeUndefined();
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    const [from, to] = [new Date(leaf.validFrom).getTime(), new Date(leaf.validTo).getTime()];
    expect(from).toBeLessThan(Date.now() - 3_000_000);
    expect(to - Date.now()).toBeGreaterThan(47 * 3_600_000);
    expect(to - Date.now()).toBeLessThan(49 * 3_600_000);
    expect(leaf.serialNumber).not.toBe(root.serialNumber);
  });

  it('differ in every run', () => {
    expect(createRunAuthority().certificate).not.toBe(createRunAuthority().certificate);
  });

  it.each(['localhost', '127.0.0.1', '::1'])(
    'are trusted in a real handshake with %s, by who trusts the run alone',
    async (host) => {
      const authority = createRunAuthority();
      const server = createServer({ SNICallback: undefined, ...authority.issue(host) }, (socket) => socket.end('hi'));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      const attempt = (ca: string) =>
        new Promise<string>((done) => {
          const socket = connect({
            host: '127.0.0.1',
            port,
            ca,
            checkServerIdentity: (_, peer) => checked(peer.raw, host),
          });
          socket
            .once('secureConnect', () => done('trusted'))
            .once('error', (error) => done((error as { code?: string }).code ?? error.message));
        });
      expect(await attempt(authority.certificate)).toBe('trusted');
      expect(await attempt(createRunAuthority().certificate)).not.toBe('trusted');
      server.close();
    },
  );
});

function checked(raw: Buffer, host: string): Error | undefined {
  const certificate = new X509Certificate(raw);
  const fits = certificate.checkHost(host) ?? certificate.checkIP(host);
  return fits === undefined ? new Error(`the certificate is not for ${host}`) : undefined;
}
