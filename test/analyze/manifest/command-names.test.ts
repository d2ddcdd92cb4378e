import { expect, test } from 'vitest';
import { commandNames } from '../../../src/analyze/manifest/index.js';

test('commands that a manifest names are told, the one that is called like its package is not', () => {
  expect(commandNames({ bin: { one: 'one.js', two: 'two.js' } })).toEqual(['one', 'two']);
  expect(commandNames({ bin: 'one.js' })).toEqual([]);
  expect(commandNames({ bin: null })).toEqual([]);
  expect(commandNames({})).toEqual([]);
});
