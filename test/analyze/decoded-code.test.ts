import { expect, test } from 'vitest';
import { markDecoded } from '../../src/analyze/decoded-code.js';
import type { Observation } from '../../src/analyze/observation.js';
import { contextOf } from './in-memory.js';

const MODULE = Array.from({ length: 60 }, (_unused, at) => `exports.part${at} = (value) => value * ${at} + 1;`).join(
  '\n',
);

/** Whether a text that is run by a loader counts as decoded. */
function isDecoded(text: string): boolean {
  const argument = { text, constant: true, taints: [], decoded: true, fields: {} };
  const seen = { sink: 'code.eval', file: 'loader.js', args: [argument] } as unknown as Observation;
  markDecoded([seen], contextOf({ 'loader.js': 'load();', 'part.js': MODULE }), new Map());
  return argument.decoded;
}

test('a file of the package in a wrapper is not decoded', () => {
  expect(isDecoded(`(function (exports, require) { ${MODULE}\n})`)).toBe(false);
});

test('neither is the beginning of one, which is all that is kept of a long text', () => {
  expect(isDecoded(`(function (exports, require) { ${MODULE}`.slice(0, 2_000))).toBe(false);
});

test('a text that stands in no file is, also with parts of one in it', () => {
  expect(isDecoded(`run('${'ab'.repeat(900)}');`)).toBe(true);
  expect(isDecoded(`${MODULE.slice(0, 900)};run('${'ab'.repeat(700)}');`)).toBe(true);
});
