import { expect, test } from 'vitest';
import { applyExceptions, splitExcepted } from '../../src/install/exceptions.js';
import type { InstallPolicy } from '../../src/install/index.js';
import type { Finding, Verdict } from '../../src/model.js';

const finding = (rule: string, weight: number, more: Partial<Finding> = {}): Finding => ({
  rule,
  severity: 'high',
  phase: 'install',
  file: 'a.js',
  line: 1,
  message: rule,
  slice: null,
  weight,
  family: rule,
  unasked: true,
  floor: null,
  guards: [],
  ...more,
});
const verdict = (findings: Finding[], score: number): Verdict => ({
  action: 'block',
  score,
  findings,
  capabilities: [],
  stats: { files: 1, bytes: 1, parsed: 1, ms: 0, fromCache: false },
});
const policy = (...exceptions: [string, string[]][]): InstallPolicy => ({
  thresholds: { review: 30, block: 60 },
  scripts: 'run',
  onReview: 'ask',
  sandbox: { require: 'full', limits: {} },
  grants: {},
  exceptions: exceptions.map(([name, rules]) => ({ package: name, rules, reason: 'r', expires: null })),
});
const node = { name: '@s/a', version: '1.0.0' };
const both = verdict([finding('x', 80), finding('y', 40)], 88);

test('an exception is for one package, one version if it says so, and the rules it names', () => {
  expect(applyExceptions(both, node, policy(['b', ['x']]))).toBe(both);
  expect(applyExceptions(both, node, policy(['@s/a@1.0.1', ['x']]))).toBe(both);
  expect(applyExceptions(both, node, policy(['@s/a', ['z']]))).toBe(both);
  expect(applyExceptions(both, node, policy(['@s/a@1.0.0', ['x']]))).toMatchObject({ action: 'review', score: 40 });
  expect(applyExceptions(both, node, policy(['@s/a', ['y']]))).toMatchObject({ action: 'block', score: 80 });
  expect(applyExceptions(both, node, policy(['@s/a', []]))).toMatchObject({ action: 'allow', score: 0, findings: [] });
  expect(splitExcepted(both.findings, node, policy(['@s/a', ['y']])).excepted.map(({ rule }) => rule)).toEqual(['y']);
});

test('what is left is judged as the analyzer judges: families, phases, code that runs only when called, and floors', () => {
  const except = (...findings: Finding[]) =>
    applyExceptions(verdict([finding('x', 80), ...findings], 99), node, policy(['@s/a', ['x']]));
  const family = { family: 'same' };
  expect(except(finding('a', 40, family), finding('b', 30, family))).toMatchObject({ score: 40, action: 'review' });
  expect(except(finding('a', 20), finding('b', 20, { phase: 'bin' }))).toMatchObject({ score: 20, action: 'allow' });
  const called = { unasked: false };
  expect(except(finding('a', 20, called), finding('b', 20, called))).toMatchObject({ score: 20, action: 'allow' });
  expect(except(finding('a', 5, { floor: 'block' }))).toMatchObject({ score: 5, action: 'block' });
});
