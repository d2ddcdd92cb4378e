import { expect, test } from 'vitest';
import type { Fact, Observation } from '../../../src/analyze/observation.js';
import { mayHold, observationsAt } from '../../../src/analyze/rules/by-name.js';
import type { Evidence } from '../../../src/analyze/rules/match.js';
import type { Condition } from '../../../src/analyze/rules/schema.js';

const seen = ['net.out', 'fs.write', 'net.socket', 'network.other', 'net.out'].map(
  (sink, line) => ({ sink, line }) as unknown as Observation,
);
const facts = [{ id: 'limit.size' }] as unknown as Fact[];
const evidence = { observations: seen, facts } as unknown as Evidence;
const linesAt = (...sinks: string[]): number[] => observationsAt(sinks, evidence).map(({ line }) => line);

test('sinks are found by their names and by the beginnings of these, in the order they were seen', () => {
  expect(linesAt('net.out')).toEqual([0, 4]);
  expect(linesAt('net')).toEqual([0, 2, 4]);
  expect(linesAt('fs', 'net.out')).toEqual([0, 1, 4]);
  expect(linesAt('net.out', 'net', 'fs.write')).toEqual([0, 1, 2, 4]);
  expect(linesAt('network')).toEqual([3]);
  expect(linesAt('ne', 'net.out.more', 'code')).toEqual([]);
});

test('a condition about what is not there cannot hold, one that only denies or narrows may', () => {
  const call = (to: string): Condition => ({ call: { to: [to] } }) as unknown as Condition;
  const fact = (id: string): Condition => ({ fact: { id: [id] } }) as unknown as Condition;
  expect(mayHold(call('net'), evidence)).toBe(true);
  expect(mayHold(call('code'), evidence)).toBe(false);
  expect(mayHold(fact('limit'), evidence)).toBe(true);
  expect(mayHold(fact('lim'), evidence)).toBe(false);
  expect(mayHold({ all: [call('net'), fact('binary')] }, evidence)).toBe(false);
  expect(mayHold({ any: [call('code'), call('fs.write')] }, evidence)).toBe(true);
  expect(mayHold({ all: [call('net'), { not: call('code') }] }, evidence)).toBe(true);
});
