import type { Action, Verdict } from '../../model.js';
import { DEFAULT_THRESHOLDS, judge, type Thresholds } from '../../score.js';
import { NEW_SINCE, weighAgainst } from './weigh-against.js';

/** How a version differs from the one before. */
export interface VerdictComparison {
  added: string[];
  removed: string[];
  /** Rules that hold now and did not before. */
  newRules: string[];
  scoreBefore: number;
  actionBefore: Action;
  scoreAfter: number;
  actionAfter: Action;
  /** The score of the second with what is new in it, see `weighAgainst`, and its action. */
  scoreAgainst: number;
  actionAgainst: Action;
}

/** Compares what two versions of a package can do. */
export function compareVerdicts(
  before: { version: string; verdict: Verdict },
  after: Verdict,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): VerdictComparison {
  const [first, second] = [alone(before.verdict, thresholds), alone(after, thresholds)];
  const weighed = weighAgainst({ version: before.version, from: 'cache', verdict: first }, second, thresholds).verdict;
  const had = new Set(first.capabilities);
  const has = new Set(second.capabilities);
  const rules = new Set(first.findings.map((finding) => finding.rule));
  return {
    added: second.capabilities.filter((word) => !had.has(word)),
    removed: first.capabilities.filter((word) => !has.has(word)),
    newRules: [...new Set(second.findings.map((finding) => finding.rule))].filter((rule) => !rules.has(rule)).sort(),
    scoreBefore: first.score,
    actionBefore: first.action,
    scoreAfter: second.score,
    actionAfter: second.action,
    scoreAgainst: weighed.score,
    actionAgainst: weighed.action,
  };
}

/** A verdict without what a comparison with a third version has added. */
function alone(verdict: Verdict, thresholds: Thresholds): Verdict {
  const findings = verdict.findings.filter(({ rule }) => rule !== NEW_SINCE);
  return findings.length === verdict.findings.length
    ? verdict
    : { ...verdict, findings, ...judge(findings, thresholds) };
}
