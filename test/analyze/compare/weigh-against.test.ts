import { describe, expect, it } from 'vitest';
import { NEW_SINCE, type VersionSeen, weighAgainst } from '../../../src/analyze/compare/index.js';
import type { Finding, Verdict } from '../../../src/model.js';
import { DEFAULT_THRESHOLDS, judge } from '../../../src/score.js';

const stats = { files: 1, bytes: 1, parsed: 1, ms: 0, fromCache: false };
const finding = (weight: number, rule = 'environment-beacon', message = 'speaks'): Finding => ({
  rule,
  severity: 'medium',
  phase: 'install',
  file: 'a.js',
  line: 1,
  message,
  slice: null,
  weight,
  family: rule,
  unasked: true,
  floor: null,
  guards: [],
});
const verdict = (findings: Finding[], capabilities: string[] = []): Verdict => ({
  ...judge(findings, DEFAULT_THRESHOLDS),
  findings,
  capabilities,
  stats,
});
const earlier = (findings: Finding[] = [], capabilities: string[] = []): VersionSeen => ({
  version: '1.0.0',
  from: 'installed',
  verdict: verdict(findings, capabilities),
});

describe('weighing a version against the one before', () => {
  const evidence = ['install:net.out', 'net:c.example', 'script:postinstall'];

  it('the same evidence weighs more where it is new, and the report says against what', () => {
    const same = weighAgainst(earlier([finding(30)], evidence), verdict([finding(30)], evidence));
    const fresh = weighAgainst(earlier(), verdict([finding(30)], evidence));
    expect(same).toEqual({ verdict: verdict([finding(30)], evidence), added: [] });
    expect(fresh.added).toEqual(evidence);
    expect([same.verdict.action, fresh.verdict.action]).toEqual(['allow', 'review']);
    const said = fresh.verdict.findings.find(({ rule }) => rule === NEW_SINCE);
    expect(said?.message).toBe(
      'New since 1.0.0, which is installed: script:postinstall, install:net.out, net:c.example',
    );
    expect(said?.slice?.frame).toBe('+ script:postinstall\n+ install:net.out\n+ net:c.example');
    expect(said?.weight).toBe(36);
    // The score can be worked out again from the findings, as everywhere.
    expect(judge(fresh.verdict.findings, DEFAULT_THRESHOLDS).score).toBe(fresh.verdict.score);
    expect(fresh.verdict.score).toBe(Math.round(100 * (1 - 0.7 * 0.64)));
  });

  it('review becomes block', () => {
    const many = [...evidence, 'fact:obfuscated', 'install:process.spawn'];
    expect(verdict([finding(62)], many).action).toBe('review');
    expect(weighAgainst(earlier(), verdict([finding(62)], many)).verdict.action).toBe('block');
  });

  it('each further capability raises it, up to a bound', () => {
    const scores = [1, 4, 6, 12, 40].map((count) => {
      const hosts = Array.from({ length: count }, (_, index) => `net:h${index}.example`);
      return weighAgainst(earlier(), verdict([finding(50)], hosts)).verdict.score;
    });
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(scores[1]).toBeGreaterThan(scores[0] ?? 0);
    expect(scores.at(-1)).toBe(scores.at(-2));
  });

  it('scripts, obfuscation and flows of secrets weigh more than hosts and sinks, those more than bins and dependencies', () => {
    const score = (word: string) => weighAgainst(earlier(), verdict([finding(30)], [word])).verdict.score;
    for (const grave of ['script:install', 'fact:obfuscated-code', 'import:secret.file→net.out'])
      expect(score(grave)).toBeGreaterThan(score('net:h.example'));
    for (const light of ['bin:x', 'dep:y']) {
      expect(score(light)).toBeLessThan(score('import:process.spawn'));
      expect(score(light)).toBeGreaterThan(30);
    }
    expect(score('import:identity.host→log')).toBeGreaterThan(30);
    expect(score('bundled:x')).toBe(30);
  });

  it('what was evidence before stays what it was, also when other things are new', () => {
    const grown = verdict([finding(30)], [...evidence, 'net:other.example', 'dep:y']);
    expect(weighAgainst(earlier([finding(30)], evidence), grown).verdict).toEqual(grown);
  });

  it('the same rule about a host that is new is new evidence', () => {
    const moved = verdict([finding(30, 'environment-beacon', 'speaks to d.example')], ['net:d.example']);
    expect(weighAgainst(earlier([finding(30)], ['net:c.example']), moved).verdict.score).toBeGreaterThan(30);
  });

  it('new capabilities without evidence change nothing', () => {
    const slight = verdict([finding(5)], evidence);
    expect(weighAgainst(earlier(), slight)).toEqual({ verdict: slight, added: evidence });
    expect(weighAgainst(earlier(), verdict([], evidence)).verdict.score).toBe(0);
  });

  it('it is never milder than the verdict alone', () => {
    const floor: Verdict = { ...verdict([finding(20)], evidence), action: 'review', score: 70 };
    expect(weighAgainst(earlier(), floor).verdict).toMatchObject({ action: 'review', score: 70 });
  });
});
