import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { EXIT, SafeInstallError } from '../errors.js';

/** A public key as the policy writes it: `ed25519:` and the 32 bytes in base64. */
export const PUBLIC_KEY = /^ed25519:[A-Za-z0-9+/]{43}=$/;

/** Makes a key pair: the private key as PEM (PKCS #8), the public key as the policy writes it. */
export function makeKeyPair(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKeyText(publicKey),
  };
}

/**
 * Reads a private key.
 * @throws SafeInstallError ECACHEKEY where the text is no ed25519 key
 */
export function readPrivateKey(pem: string, where: string): { key: KeyObject; publicKey: string } {
  let key: KeyObject | null = null;
  try {
    key = createPrivateKey(pem);
  } catch {
    // said below, together with keys of another kind
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new SafeInstallError('This is no ed25519 private key.', {
      code: 'ECACHEKEY',
      exitCode: EXIT.npm,
      where,
      next: ['safe-install cache key <file> makes one.'],
    });
  }
  return { key, publicKey: publicKeyText(createPublicKey(key)) };
}

/** The key object of a public key in the policy's notation. */
export function readPublicKey(text: string): KeyObject {
  const x = Buffer.from(text.slice('ed25519:'.length), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function publicKeyText(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' });
  return `ed25519:${Buffer.from(x ?? '', 'base64url').toString('base64')}`;
}
