import type { Action, Finding, PackageNode, Verdict } from '../model.js';
import type { InstallPolicy } from './options.js';

/** Splits findings into those that count and those that the policy excepts for this package. */
export function splitExcepted(
  findings: readonly Finding[],
  { name, version }: Pick<PackageNode, 'name' | 'version'>,
  policy: InstallPolicy,
): { counted: Finding[]; excepted: Finding[] } {
  const mine = policy.exceptions.filter(({ package: key }) => key === name || key === `${name}@${version}`);
  const isExcepted = ({ rule }: Finding): boolean =>
    mine.some(({ rules }) => rules.length === 0 || rules.includes(rule));
  return {
    counted: findings.filter((finding) => !isExcepted(finding)),
    excepted: findings.filter(isExcepted),
  };
}

/** The verdict without the findings that the policy excepts; its score shrinks by the noisy-or share they had. */
export function applyExceptions(
  verdict: Verdict,
  node: Pick<PackageNode, 'name' | 'version'>,
  policy: InstallPolicy,
): Verdict {
  const { counted, excepted } = splitExcepted(verdict.findings, node, policy);
  if (excepted.length === 0) {
    return verdict;
  }
  const score = counted.length === 0 ? 0 : Math.min(verdict.score, combine(counted));
  return { ...verdict, findings: counted, score, action: actionFor(score, policy) };
}

function combine(findings: readonly Finding[]): number {
  const clean = findings.reduce((rest, { weight }) => rest * (1 - Math.min(Math.max(weight, 0), 100) / 100), 1);
  return Math.round((1 - clean) * 100);
}

function actionFor(score: number, { thresholds }: InstallPolicy): Action {
  return score >= thresholds.block ? 'block' : score >= thresholds.review ? 'review' : 'allow';
}
