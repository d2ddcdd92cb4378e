import { describe, expect, it } from 'vitest';
import { weakKeys } from '../../../src/analyze/javascript/weak-keys/index.js';
import { readManifest } from '../../../src/analyze/manifest/index.js';
import { packageOf } from '../in-memory.js';

function found(code: string, description = 'Private keys and wallets'): string[] {
  const files = packageOf({ 'package.json': JSON.stringify({ name: 'a', version: '1.0.0', description }) });
  const { manifest } = readManifest(files);
  return weakKeys('a.js', code, manifest).map(({ detail }) => detail);
}

const SHA = "const sha = (x) => crypto.createHash('sha256').update(x).digest();";

describe('keys of few values', () => {
  it.each([
    ["const privateKey = crypto.createHash('sha256').update(crypto.randomBytes(2)).digest('hex');", 16],
    ['const privateKey = sha256(String(Math.floor(Math.random() * 1000)));', 10],
    [
      `${SHA} const mnemonic = bip39.entropyToMnemonic(sha('a' + crypto.randomBytes(4).readUInt32BE(0)).slice(0, 16));`,
      32,
    ],
    ["const privKey = crypto.randomInt(5000).toString(16).padStart(64, '0');", 13],
    ["const generateWallet = () => keccak256('w' + Date.now());", 30],
    ['const b = new Uint8Array(1); crypto.getRandomValues(b); const secretKey = sha512(b);', 8],
    ['const seed = crypto.randomBytes(1)[0] & 15; const w = new Wallet(Buffer.alloc(32, seed));', 4],
    [
      `${SHA} function pick() { return crypto.randomBytes(1)[0] % 3; } function createKeyPair() { return sha(sha('k' + pick())); }`,
      2,
    ],
  ])('are told: %s', (code, bits) => {
    expect(found(code)).toEqual([`a private key is one of 2^${bits} at most`]);
  });

  it.each([
    'const privateKey = crypto.randomBytes(32).toString("hex");',
    'const privateKey = sha256(crypto.randomBytes(16) + String(Date.now()));',
    'const privateKey = sha256(password + crypto.randomBytes(2));',
    'const derive = (x) => sha256(x + master); const privateKey = derive(crypto.randomBytes(2));',
    'function from(seed) { const privateKey = sha256(seed + Date.now()); return privateKey; }',
    'let s = ""; for (let i = 0; i < 32; i++) s += crypto.randomBytes(1)[0]; const privateKey = sha256(s);',
    'const b = []; for (let i = 0; i < 32; i++) b.push(crypto.randomInt(256)); const privateKey = sha256(b);',
    'const h = crypto.createHash("sha256").update(crypto.randomBytes(2)); h.update(master); const privateKey = h.digest();',
    'const cacheKey = sha256(String(Math.floor(Math.random() * 1000)));',
    'const testPrivateKey = sha256(String(crypto.randomInt(10)));',
    'const pin = crypto.randomInt(10000).toString().padStart(4, "0"); const privateKey = sha256(read());',
    'const requestId = sha256(crypto.randomBytes(4)).slice(0, 8); // wallet',
    'const privateKey = sha256("fixed words");',
  ])('are not: %s', (code) => {
    expect(found(code)).toEqual([]);
  });

  it('are told only where keys are of worth', () => {
    const code = 'const secretKey = sha256(String(crypto.randomInt(10)));';
    expect(found(code, 'Sessions')).toEqual([]);
    expect(found(code, 'Wallets for tests')).toEqual([]);
    expect(found(code, 'A wallet')).toHaveLength(1);
  });

  it('end soon', () => {
    const start = performance.now();
    found(`const privateKey = sha256(${'sha256('.repeat(2000)}crypto.randomBytes(1)${')'.repeat(2000)});`);
    found(
      `${Array.from({ length: 3000 }, (_, i) => `function f${i}(x) { return sha256(f${i + 1}(x) + f${i + 1}(x)); }`).join('\n')} const privateKey = f0(crypto.randomBytes(1));`,
    );
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});
