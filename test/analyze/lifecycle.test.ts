import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { analyzePackage, readTarball } from '../../src/analyze/index.js';
import { lifecycleOf } from '../../src/analyze/lifecycle.js';
import { parseRecord, recordLine } from '../../src/analyze/verdict-record.js';
import { ownRules, packageOf, tarballOf } from './in-memory.js';

test('a verdict says which scripts npm runs, and keeps it in its record', () => {
  const files = packageOf({}, { scripts: { install: 'node a.js', test: 'x', prepare: 'tsc', postinstall: 7 } });
  const verdict = analyzePackage(files, ownRules());
  expect(verdict.lifecycle).toEqual({ scripts: { install: 'node a.js', prepare: 'tsc' }, hasBindingGyp: false });
  expect(parseRecord(recordLine('sha512-x', verdict))?.verdict).toEqual(verdict);
});

test('a binding.gyp beside package.json, and gypfile', () => {
  const gyp = { 'binding.gyp': '{}' };
  expect(lifecycleOf(packageOf(gyp))).toEqual({ lifecycle: { scripts: {}, hasBindingGyp: true } });
  expect(lifecycleOf(packageOf(gyp, { gypfile: false }))).toEqual({
    lifecycle: { scripts: {}, gypfile: false, hasBindingGyp: true },
  });
  expect(lifecycleOf(packageOf({ 'sub/binding.gyp': '{}' }))).toEqual({});
});

test('of two package.json the last counts, as on disk', () => {
  const manifest = (install: string) => ({
    path: 'package/package.json',
    content: JSON.stringify({ name: 'a', version: '1.0.0', scripts: { install } }),
  });
  const read = readTarball(tarballOf([manifest('one'), manifest('two')]));
  expect(lifecycleOf(read).lifecycle?.scripts).toEqual({ install: 'two' });
});

test('nothing is said where npm could write other files than were read', () => {
  const scripts = { path: 'package/package.json', content: '{"name":"a","scripts":{"install":"x"}}' };
  const climbing = { path: 'package/../../out', content: 'x' };
  expect(lifecycleOf(readTarball(tarballOf([scripts, climbing])))).toEqual({});
  expect(lifecycleOf(readTarball(tarballOf([scripts]), { limits: { entries: 0 } }))).toEqual({});
  expect(lifecycleOf(readTarball(gzipSync(Buffer.alloc(700, 1))))).toEqual({});
  expect(lifecycleOf(packageOf({}))).toEqual({});
});
