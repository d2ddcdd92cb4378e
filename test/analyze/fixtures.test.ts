import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { analyzeFolder } from '../../src/analyze/index.js';
import { ownRules } from './in-memory.js';

const root = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const expectation = z.object({
  verdict: z.array(z.enum(['allow', 'review', 'block'])).min(1),
  rules: z.array(z.string()).default([]),
});

/** Fixtures that the analyzer does not judge rightly yet; one that it does must leave the list. */
const KNOWN_MISSES: readonly string[] = [];

describe.each(['malicious', 'benign'])('%s fixtures', (kind) => {
  test.each(readdirSync(join(root, kind)).sort())('%s', (id) => {
    const expected = expectation.parse(parse(readFileSync(join(root, kind, id, 'expect.yaml'), 'utf8')));
    const verdict = analyzeFolder(join(root, kind, id, 'package'), ownRules());
    const said = verdict.findings.map((finding) => `${finding.rule} ${finding.weight}`).join(', ');
    if (KNOWN_MISSES.includes(id)) {
      expect(expected.verdict, `${id} is judged rightly now: take it off the list`).not.toContain(verdict.action);
      return;
    }
    expect(expected.verdict, `${verdict.action} ${verdict.score}: ${said}`).toContain(verdict.action);
    const rules = new Set(verdict.findings.map((finding) => finding.rule));
    expect(expected.rules.filter((rule) => !rules.has(rule))).toEqual([]);
    for (const finding of verdict.findings) {
      expect(finding.slice?.steps.length, finding.rule).toBeGreaterThan(0);
      expect(finding.slice?.frame.trim(), finding.rule).not.toBe('');
    }
  });
});
