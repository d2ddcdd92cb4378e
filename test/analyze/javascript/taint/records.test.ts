import { expect, test } from 'vitest';
import { analyzePackage } from '../../../../src/analyze/index.js';
import { ownRules, packageOf } from '../../in-memory.js';

const DIGEST = '5c14e50342ff3ba487f7b9b340f30b5d8e5772b11865b7d192b845f0b8e4e70b';
const found = (table: string, check: string): string[] => {
  const code = `const { createHash, scryptSync } = require('crypto'); const bcrypt = require('bcryptjs');
const sha = (text) => createHash('sha256').update(text).digest('hex');
${table}
class Store { constructor(entries = []) { this.users = new Map(entries); } async check(name, password) { ${check} return sha(password) === (this.users.get(name) ?? {}).digest; } }
module.exports = { Store };`;
  return analyzePackage(packageOf({ 'index.js': code }, { main: 'index.js' }), ownRules()).findings.map(
    ({ rule }) => rule,
  );
};

test.each([
  [
    `const T = new Map([['none', null], ['probe', '${DIGEST}']]);`,
    'if (T.has(name)) return sha(password) === T.get(name);',
  ],
  [`const T = new Map([['probe', '${DIGEST}']]);`, 'const one = T.get(name); if (one) return one === sha(password);'],
  [`const T = { probe: '${DIGEST}' };`, 'if (T[name] && sha(password) === T[name]) return true;'],
  [
    `const T = { probe: { salt: 'a1b2', digest: '${DIGEST}' } };`,
    "const one = T[name]; if (one) return scryptSync(password, one.salt, 32).toString('hex') === one.digest;",
  ],
  [
    "const T = { probe: '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy' };",
    'return bcrypt.compare(password, T[name] ?? this.users.get(name));',
  ],
])('a record of the code lets somebody in: %s', (table, check) => {
  expect(found(table, check)).toContain('master-password');
});

test.each([
  [
    `const NOBODY = '${DIGEST}';`,
    'const one = this.users.get(name); const wanted = one ? one.digest : NOBODY; return sha(password) === wanted && !!one;',
  ],
  [
    "const NOBODY = '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';",
    'const one = this.users.get(name); return (await bcrypt.compare(password, one ? one.digest : NOBODY)) && !!one;',
  ],
  [
    `const T = { iterations: 4, algorithm: 'sha256' };`,
    'const one = this.users.get(name); return sha(password + T[one.kind]) === one.digest;',
  ],
])('users are those that somebody enrolled: %s', (table, check) => {
  expect(found(table, check)).toEqual([]);
});
