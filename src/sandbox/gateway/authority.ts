import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';

/** Certificate authority of one run: its key lives in this process's memory only. */
export interface RunAuthority {
  /** The public certificate, PEM. */
  readonly certificate: string;
  /** A fresh key and server certificate (PEM) for one name or address. */
  issue(host: string): Promise<{ key: string; cert: string }>;
  /** What a TLS server needs to answer as that name or address; made once. */
  contextFor(host: string): Promise<SecureContext>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR = 3_600_000;

/**
 * Makes the certificate authority that scripts of this run trust, for the registry's names only. It is valid for two
 * days; an hour of the past is included for clocks that disagree.
 */
export async function createRunAuthority(): Promise<RunAuthority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const crypto = webcrypto;
  x509.cryptoProvider.set(crypto);
  const validity = () => ({ notBefore: new Date(Date.now() - HOUR), notAfter: new Date(Date.now() + 48 * HOUR) });
  const newKeys = () =>
    crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
  const serialNumber = () => `00${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;

  const authorityKeys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=safe-install run ${serialNumber().slice(2, 10)}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });

  const issue = async (host: string) => {
    const keys = await newKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: 'CN=safe-install gateway',
      issuer: root.subject,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
      cert: `${leaf.toString('pem')}\n${root.toString('pem')}\n`,
    };
  };

  const issued = new Map<string, Promise<SecureContext>>();
  return {
    certificate: `${root.toString('pem')}\n`,
    issue,
    contextFor(host) {
      const made = issued.get(host);
      if (made) return made;
      const context = issue(host).then((pair) => createSecureContext({ ...pair, minVersion: 'TLSv1.2' }));
      issued.set(host, context);
      return context;
    },
  };
}
