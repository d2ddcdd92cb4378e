import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/install/index.js';
import { explanationLines } from '../../src/report/index.js';
import { rulesToExcept } from '../../src/report/terminal/explanation.js';
import { isHidden } from '../../src/report/visible.js';
import { HOSTILE, sampleReport } from './sample.js';

const thresholds = { review: 40, block: 75 };
const look = { color: false, columns: 100 };

function explanation(text = ''): Explanation {
  const reported = sampleReport(text).packages[0]!;
  const second = { ...reported.findings[0]!, rule: 'install-network', family: 'network', weight: 20 };
  return {
    package: reported,
    scripts: [{ event: 'postinstall', command: `node x.js${text}`, implicit: false }],
    grant: {
      writable: [],
      readable: [],
      hosts: [`h.example${text}`],
      env: [],
      limits: { wallMs: 1, cpuSeconds: 1, processes: 1, memoryBytes: 1, fileBytes: 1, writtenBytes: 1, openFiles: 1 },
    },
    decision: reported.decision!,
    verdict: {
      action: 'block',
      score: 92,
      findings: [second, reported.findings[0]!],
      capabilities: [`net:h${text}`, 'dep:a', 'dep:b', 'script:postinstall'],
      stats: { files: 3, bytes: 10, parsed: 2, ms: 1, fromCache: false },
    },
    excepted: [],
  };
}

describe('explanationLines', () => {
  const text = explanationLines(explanation(), thresholds, look).join('\n');

  it('tells what runs and what it may, the findings heaviest first, and the score’s parts', () => {
    expect(text).toContain('postinstall: node x.js');
    expect(text).toContain('does not run: hosts h.example; writes only its own folder');
    expect(text.indexOf('secret-file-exfiltration')).toBeLessThan(text.indexOf('install-network'));
    expect(text).toMatch(
      /90 {2}secret-file-exfiltration \(at install\)\n\s+20 {2}install-network \(at install\)\n\s+92 {2}in all: .*; review from 40, block from 75/,
    );
    expect(text).toContain('net: h\n  script: postinstall\n  2 dependencies');
  });

  it('says what would change the verdict', () => {
    expect(text).toContain('would leave a score of 20:');
    expect(text).toContain('- { package: "bad@1.0.0", rules: [secret-file-exfiltration],');
    expect(text).not.toContain('safe-install approve');
  });

  it('lets nothing hidden through', () => {
    const lines = explanationLines(explanation(HOSTILE), thresholds, look).join('\n');
    expect([...lines].filter((c) => c !== '\n' && isHidden(c.codePointAt(0)!))).toEqual([]);
  });
});

describe('rulesToExcept', () => {
  it('takes a rule that demands a review whatever the score', () => {
    const light = { ...explanation().verdict.findings[0]!, rule: 'hidden', weight: 5, floor: 'review' as const };
    expect(rulesToExcept([light], thresholds)).toEqual({ rules: ['hidden'], left: 0 });
  });

  it('takes the heaviest rules until the score is below review', () => {
    const finding = (rule: string, weight: number) => ({
      ...explanation().verdict.findings[0]!,
      rule,
      weight,
      family: rule,
    });
    const findings = [finding('a', 50), finding('b', 60), finding('c', 10)];
    expect(rulesToExcept(findings, { review: 40, block: 75 })).toEqual({ rules: ['b', 'a'], left: 10 });
    expect(rulesToExcept(findings, { review: 90, block: 95 })).toEqual({ rules: [], left: 82 });
  });
});
