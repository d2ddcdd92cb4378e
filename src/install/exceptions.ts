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
