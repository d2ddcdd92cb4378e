import { describe, expect, it } from 'vitest';
import { compareVerdicts, weighAgainst } from '../../src/analyze/index.js';
import type { Verdict } from '../../src/model.js';

const stats = { files: 1, bytes: 1, parsed: 1, ms: 0, fromCache: false };
const verdict = (score: number, capabilities: string[]): Verdict => ({
  action: score >= 75 ? 'block' : score >= 40 ? 'review' : 'allow',
  score,
  findings: [],
  capabilities,
  stats,
});

describe('weighing a version against the one before', () => {
  const evidence = ['install:net.out', 'net:c.example', 'script:postinstall'];

  it('the same evidence weighs more where its capabilities are new', () => {
    const same = weighAgainst(verdict(38, evidence), verdict(38, evidence));
    const fresh = weighAgainst(verdict(0, []), verdict(38, evidence));
    expect(same.verdict.score).toBe(38);
    expect(same.added).toEqual([]);
    expect(fresh.added).toEqual(evidence);
    expect(fresh.verdict.score).toBeGreaterThan(38);
    expect([same.verdict.action, fresh.verdict.action]).toEqual(['allow', 'review']);
  });

  it('each further capability raises it, up to a bound', () => {
    const scores = [1, 2, 6, 12, 40].map(
      (count) =>
        weighAgainst(
          verdict(0, []),
          verdict(
            50,
            Array.from({ length: count }, (_, index) => `net:h${index}.example`),
          ),
        ).verdict.score,
    );
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(scores[1]).toBeGreaterThan(scores[0] ?? 0);
    expect(scores.at(-1)).toBe(scores.at(-2));
  });

  it('a new dependency or bin alone, and a version without evidence, stay as they are', () => {
    expect(weighAgainst(verdict(30, []), verdict(30, ['bin:x', 'dep:y'])).verdict.score).toBe(30);
    expect(weighAgainst(verdict(0, []), verdict(5, evidence)).verdict.score).toBe(5);
  });

  it('it is never milder than the verdict alone', () => {
    const floor: Verdict = { ...verdict(20, evidence), action: 'review' };
    expect(weighAgainst(verdict(0, []), floor).verdict.action).toBe('review');
  });

  it('a comparison tells the weighed score beside the plain one', () => {
    const found = compareVerdicts(verdict(0, []), verdict(60, evidence));
    expect(found.scoreAfter).toBe(60);
    expect(found.scoreAgainst).toBeGreaterThan(60);
    expect(found.actionAgainst).toBe('review');
  });
});
