import { type VersionSeen, weighAgainst } from '../analyze/compare/index.js';
import type { Finding, PackageNode, Verdict } from '../model.js';
import { judge } from '../score.js';
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

/** The verdict without the findings that the policy excepts; score and action are those that the others alone would have had. */
export function applyExceptions(
  verdict: Verdict,
  node: Pick<PackageNode, 'name' | 'version'>,
  policy: InstallPolicy,
): Verdict {
  const { counted, excepted } = splitExcepted(verdict.findings, node, policy);
  if (excepted.length === 0) {
    return verdict;
  }
  return { ...verdict, findings: counted, ...judge(counted, policy.thresholds) };
}

/** The verdict that a decision is made on: without what the policy excepts, and weighed against the version before. */
export function judgeInContext(
  alone: Verdict,
  before: VersionSeen | null,
  node: Pick<PackageNode, 'name' | 'version'>,
  policy: InstallPolicy,
): { verdict: Verdict; excepted: Finding[] } {
  const counted = applyExceptions(alone, node, policy);
  const weighed = before === null ? counted : weighAgainst(before, counted, policy.thresholds).verdict;
  return {
    verdict: applyExceptions(weighed, node, policy),
    excepted: splitExcepted(
      [...alone.findings, ...weighed.findings.filter((each) => !alone.findings.includes(each))],
      node,
      policy,
    ).excepted,
  };
}
