import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes } from './address.js';
import { bits, boolean, octets, oid, sequence, setOf, tagged, time, unsigned, utf8 } from './der.js';

/** A key pair and the certificate of its public half. */
export interface Certified {
  key: KeyObject;
  /** Subject as it stands in certificates that it issues. */
  name: Buffer;
  publicKey: KeyObject;
  /** PEM. */
  certificate: string;
}

const HOUR = 3_600_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const ANY_SIGNATURE = Buffer.from([0b1000_0000]);
const CERTIFICATES_AND_LISTS = Buffer.from([0b0000_0110]);

const commonName = (text: string): Buffer => sequence(setOf(sequence(oid('2.5.4.3'), utf8(text))));

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

const basicConstraints = (isAuthority: boolean): Buffer =>
  extension('2.5.29.19', true, isAuthority ? sequence(boolean(true), unsigned(Buffer.from([0]))) : sequence());

const keyUsage = (value: Buffer, unused: number): Buffer => extension('2.5.29.15', true, bits(value, unused));

const serverAuthentication = (): Buffer => extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1')));

function alternativeName(host: string): Buffer {
  const name = isIP(host) === 0 ? tagged(2, Buffer.from(host, 'latin1'), false) : tagged(7, addressBytes(host), false);
  return extension('2.5.29.17', false, sequence(name));
}

/** The identifier of a key as RFC 5280, 4.2.1.2 (1) has it: the hash of its bits alone (P-256: the last 65 bytes). */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const info = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha1').update(info.subarray(-65)).digest();
}

const subjectKey = (key: KeyObject): Buffer => extension('2.5.29.14', false, octets(keyIdentifier(key)));
const authorityKey = (key: KeyObject): Buffer =>
  extension('2.5.29.35', false, sequence(tagged(0, keyIdentifier(key), false)));

function certify(
  subject: Buffer,
  publicKey: KeyObject,
  issuer: Buffer,
  signer: KeyObject,
  extensions: Buffer[],
): string {
  const now = Date.now();
  const body = sequence(
    tagged(0, unsigned(Buffer.from([2])), true),
    unsigned(Buffer.from([0x40, ...randomBytes(15)])),
    ECDSA_WITH_SHA256,
    issuer,
    // An hour of the past is included for clocks that disagree.
    sequence(time(new Date(now - HOUR)), time(new Date(now + 48 * HOUR))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions), true),
  );
  const signature = sign('sha256', body, { key: signer, dsaEncoding: 'der' });
  const der = sequence(body, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${der.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

/** A key and a self-signed certificate that may issue those of servers, and nothing further. */
export function makeAuthority(name: string): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = commonName(name);
  const extensions = [basicConstraints(true), keyUsage(CERTIFICATES_AND_LISTS, 1), subjectKey(publicKey)];
  const certificate = certify(subject, publicKey, subject, privateKey, extensions);
  return { key: privateKey, name: subject, publicKey, certificate };
}

/** A key and a certificate for a server at one host name or address. */
export function makeServer(host: string, authority: Certified): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = commonName('safe-install gateway');
  const certificate = certify(subject, publicKey, authority.name, authority.key, [
    basicConstraints(false),
    keyUsage(ANY_SIGNATURE, 7),
    serverAuthentication(),
    alternativeName(host),
    authorityKey(authority.publicKey),
    subjectKey(publicKey),
  ]);
  return { key: privateKey, name: subject, publicKey, certificate };
}
