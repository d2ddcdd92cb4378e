import { describe, expect, it } from 'vitest';
import { compareVerdicts, NEW_SINCE, weighAgainst } from '../../../src/analyze/compare/index.js';
import type { Finding, Verdict } from '../../../src/model.js';
import { DEFAULT_THRESHOLDS, judge } from '../../../src/score.js';

const found: Finding = {
  rule: 'environment-beacon',
  severity: 'medium',
  phase: 'install',
  file: 'a.js',
  line: 1,
  message: 'speaks',
  slice: null,
  weight: 60,
  family: 'exfiltration',
  unasked: true,
  floor: null,
  guards: [],
};
const verdict = (findings: Finding[], capabilities: string[]): Verdict => ({
  ...judge(findings, DEFAULT_THRESHOLDS),
  findings,
  capabilities,
  stats: { files: 1, bytes: 1, parsed: 1, ms: 0, fromCache: false },
});
const before = { version: '1.0.0', verdict: verdict([], ['bin:x', 'dep:gone']) };
const after = verdict([found], ['bin:x', 'net:c.example', 'script:postinstall']);

describe('comparing two verdicts', () => {
  it('tells what came and went, and the weighed score beside the plain one', () => {
    const told = compareVerdicts(before, after);
    expect(told).toMatchObject({
      added: ['net:c.example', 'script:postinstall'],
      removed: ['dep:gone'],
      newRules: ['environment-beacon'],
      scoreBefore: 0,
      actionBefore: 'allow',
      scoreAfter: 60,
      actionAfter: 'review',
      actionAgainst: 'review',
    });
    expect(told.scoreAgainst).toBe(Math.round(100 * (1 - 0.4 * 0.7)));
  });

  it('what an earlier comparison has added is not counted twice', () => {
    const weighed = weighAgainst({ ...before, from: 'installed' }, after).verdict;
    expect(weighed.findings.some(({ rule }) => rule === NEW_SINCE)).toBe(true);
    expect(compareVerdicts(before, weighed)).toEqual(compareVerdicts(before, after));
  });
});
