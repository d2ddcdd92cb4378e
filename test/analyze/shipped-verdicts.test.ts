import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineVersion, openVerdictCache } from '../../src/analyze/index.js';
import { verdictKey } from '../../src/analyze/verdict-key.js';
import { recordLine } from '../../src/analyze/verdict-record.js';
import type { Verdict } from '../../src/model.js';

const KEY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const OTHER = `sha512-${Buffer.alloc(64, 2).toString('base64')}`;
const verdict: Verdict = {
  action: 'allow',
  score: 3,
  findings: [],
  capabilities: [],
  stats: { files: 1, bytes: 2, parsed: 1, ms: 0, fromCache: false },
};

let home: string;
let shipped: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'si-shipped-'));
  shipped = join(home, 'shipped.jsonl');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function ship(madeBy: string, line = recordLine(KEY, verdict)): void {
  const header = JSON.stringify({ format: 'safe-install-shipped-verdicts', date: '2026-11-23', verdictKey: madeBy });
  writeFileSync(shipped, `${header}\n${line}\n`);
}
const read = (integrity = KEY, variant = '', rules = 'rules') =>
  openVerdictCache(home, rules, { shipped }).get(integrity, variant);

test('shipped verdicts count where the same engine and rules made them', () => {
  ship(verdictKey(engineVersion(), 'rules'));
  expect(read()).toEqual({ ...verdict, stats: { ...verdict.stats, fromCache: true } });
  expect(read(OTHER)).toBeNull();
  expect(read(KEY, 'source')).toBeNull();
});

test('they do not count under other rules, another engine or without saying who made them', () => {
  ship(verdictKey(engineVersion(), 'rules'));
  expect(read(KEY, '', 'other rules')).toBeNull();
  ship(verdictKey('another engine', 'rules'));
  expect(read()).toBeNull();
  writeFileSync(shipped, `${recordLine(KEY, verdict)}\n`);
  expect(read()).toBeNull();
  rmSync(shipped);
  expect(read()).toBeNull();
});

test('what this machine has read itself comes first', () => {
  ship(verdictKey(engineVersion(), 'rules'), recordLine(KEY, { ...verdict, score: 99 }));
  openVerdictCache(home, 'rules', { shipped }).set(KEY, verdict);
  expect(read()?.score).toBe(3);
});

test('a record of another shape is no verdict', () => {
  ship(verdictKey(engineVersion(), 'rules'), recordLine(KEY, verdict).replace('"allow"', '"fine"'));
  expect(read()).toBeNull();
});

test('each of many records is found, and none that is not there', () => {
  const keys = Array.from({ length: 60 }, (_, at) => `sha512-${Buffer.alloc(64, at * 4).toString('base64')}`).sort();
  const lines = keys.map((key, score) =>
    recordLine(key, { ...verdict, score, capabilities: Array.from({ length: score % 7 }, () => 'ü'.repeat(score)) }),
  );
  ship(verdictKey(engineVersion(), 'rules'), lines.join('\n'));
  const cache = openVerdictCache(home, 'rules', { shipped });
  expect(keys.map((key) => cache.get(key)?.score)).toEqual(keys.map((_, score) => score));
  const absent = Array.from({ length: 60 }, (_, at) => `sha512-${Buffer.alloc(64, at * 4 + 1).toString('base64')}`);
  expect(absent.filter((key) => cache.has(key))).toEqual([]);
});
