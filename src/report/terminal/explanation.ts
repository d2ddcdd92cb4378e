import type { Explanation } from '../../install/index.js';
import type { Finding, Phase, Verdict } from '../../model.js';
import { judge, type Thresholds } from '../../score.js';
import { visible } from '../visible.js';
import { findingLines } from './finding.js';
import { actionPaint, count, type Look, paintFor } from './paint.js';
import { packageId } from './summary.js';

/** The story of one package: where it comes from, what runs and when, the findings, the score, the decision. */
export function explanationLines(
  { package: node, scripts, grant, decision, verdict, excepted }: Explanation,
  thresholds: Thresholds,
  look: Look,
): string[] {
  const paint = paintFor(look);
  const title = (text: string) => ['', paint.bold(text)];
  const color = actionPaint(paint, verdict.action);
  const lines = [`${paint.bold(packageId(node))}  ${color(`${verdict.action}, score ${verdict.score}`)}`];
  lines.push(
    `  at ${visible(node.location)}, from ${node.source}${node.resolved === null ? '' : ` ${visible(node.resolved)}`}`,
  );
  if (node.integrity !== null) lines.push(`  ${paint.dim(visible(node.integrity))}`);
  if (node.comparedWith !== undefined) {
    const { version, from } = node.comparedWith;
    lines.push(`  compared with ${visible(version)}, ${from === 'installed' ? 'installed' : 'known to this machine'}`);
  }
  if (node.requestedBy.length > 0) lines.push(`  brought by ${node.requestedBy.map(visible).join(' ← ')}`);

  lines.push(...title('What runs at install'));
  if (scripts.length === 0) lines.push('  nothing: it has no install script');
  for (const { event, command, implicit } of scripts) {
    lines.push(`  ${event}: ${visible(command)}${implicit ? paint.dim(' (npm adds it for binding.gyp)') : ''}`);
  }
  if (scripts.length > 0) {
    const more = [
      grant.hosts.length > 0 ? `hosts ${grant.hosts.map(visible).join(', ')}` : 'no host but the registry',
      grant.writable.length > 0 ? `writes ${grant.writable.map(visible).join(', ')}` : 'writes only its own folder',
      grant.env.length > 0 ? `environment ${grant.env.map(visible).join(', ')}` : '',
    ].filter((part) => part !== '');
    lines.push(`  ${decision.runScripts ? 'runs in the sandbox' : 'does not run'}: ${more.join('; ')}`);
  }

  lines.push(
    ...title(
      `Findings (${verdict.findings.length}; ${count(verdict.stats.files, 'file')}, ${verdict.stats.parsed} pieces of code parsed)`,
    ),
  );
  if (verdict.findings.length === 0) lines.push('  none');
  for (const finding of bySeverity(verdict.findings)) lines.push(...findingLines(finding, look), '');
  if (excepted.length > 0) {
    lines.push(...title('Excepted by the policy'));
    for (const { rule, file, line } of excepted) lines.push(`  ${visible(rule)} ${visible(file)}:${line}`);
  }

  lines.push(...title('Score'));
  lines.push(...scoreLines(verdict.findings, verdict.score, thresholds));
  const capabilities = capabilityLines(verdict.capabilities);
  if (capabilities.length > 0) lines.push(...title('Capabilities'), ...capabilities);
  lines.push(
    ...title('Decision'),
    `  ${actionPaint(paint, decision.action)(decision.action)}: ${visible(decision.reason)}`,
  );
  lines.push(...changeLines(node, verdict, decision.approval, thresholds));
  return [...lines, ''];
}

function bySeverity(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => b.weight - a.weight);
}

function scoreLines(findings: Finding[], score: number, { review, block }: Thresholds): string[] {
  const weighed = bySeverity(findings).filter(({ weight }) => weight > 0);
  const weights = weighed.map(
    ({ rule, weight, phase, unasked }) =>
      `  ${String(Math.round(weight)).padStart(4)}  ${visible(rule)} (${PHASE_NAMES[phase]}${unasked ? '' : ', when called'})`,
  );
  const sum =
    weights.length > 1
      ? ': 100 · (1 − ∏(1 − weight/100)) in the worst phase, of each family of rules the heaviest, all that runs only when called or is spread over a large program as one, of weights below 20 the heaviest'
      : '';
  return [...weights, `  ${String(score).padStart(4)}  in all${sum}; review from ${review}, block from ${block}`];
}

const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  install: 'at install',
  import: 'on import',
  bin: 'when its command runs',
  metadata: 'the package as a whole',
};

/** What a package can do, by when it does it; dependencies only counted. */
function capabilityLines(capabilities: string[]): string[] {
  const own = capabilities.filter((capability) => !capability.startsWith('dep:'));
  const dependencies = capabilities.length - own.length;
  const groups = new Map<string, string[]>();
  for (const capability of own) {
    const at = capability.indexOf(':');
    const kind = capability.slice(0, at);
    groups.set(kind, [...(groups.get(kind) ?? []), visible(capability.slice(at + 1))]);
  }
  const lines = [...groups].map(([kind, names]) => `  ${visible(kind)}: ${names.join(', ')}`);
  return dependencies > 0 ? [...lines, `  ${count(dependencies, 'dependency', 'dependencies')}`] : lines;
}

/** What would change the verdict: an approval, or exceptions for the heaviest rules, and what the score would be then. */
function changeLines(
  node: { name: string; version: string },
  { action, findings }: Pick<Verdict, 'action' | 'findings'>,
  approval: string,
  thresholds: Thresholds,
): string[] {
  if (action === 'allow') return [];
  const id = visible(`${node.name}@${node.version}`);
  const lines = ['  What would change it:'];
  if (action === 'review' && approval !== 'approved') {
    lines.push(
      `    safe-install approve ${id} --reason "…", or safe-install deny ${visible(node.name)} for its scripts`,
    );
  }
  const { rules, left } = rulesToExcept(findings, thresholds);
  lines.push(
    `    an exception in the policy, which would leave a score of ${left}:`,
    `      - { package: "${id}", rules: [${rules.map(visible).join(', ')}], reason: "…", expires: YYYY-MM-DD }`,
  );
  return lines;
}

/** The fewest of the heaviest rules whose exception lets the package pass, and the score that would be left. */
export function rulesToExcept(findings: Finding[], thresholds: Thresholds): { rules: string[]; left: number } {
  const rules: string[] = [];
  let rest = bySeverity(findings);
  let left = judge(rest, thresholds);
  while (left.action !== 'allow' && rest.length > 0) {
    const { rule: next } = rest.find(({ floor }) => left.score < thresholds.review && floor !== null) ?? rest[0]!;
    rules.push(next);
    rest = rest.filter(({ rule }) => rule !== next);
    left = judge(rest, thresholds);
  }
  return { rules, left: left.score };
}
