import type { Explanation } from '../../install/index.js';
import type { Finding } from '../../model.js';
import { visible } from '../visible.js';
import { findingLines } from './finding.js';
import { actionPaint, count, type Look, paintFor } from './paint.js';
import { packageId } from './summary.js';

/** The story of one package: where it comes from, what runs and when, the findings, the score, the decision. */
export function explanationLines(
  { package: node, scripts, grant, decision, verdict, excepted }: Explanation,
  thresholds: { review: number; block: number },
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
      `Findings (${count(verdict.findings.length, 'finding')}, ${count(verdict.stats.parsed, 'file')} of ${verdict.stats.files} parsed)`,
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
  if (verdict.capabilities.length > 0) {
    lines.push(...title('Capabilities'), `  ${verdict.capabilities.map(visible).join(', ')}`);
  }
  lines.push(
    ...title('Decision'),
    `  ${actionPaint(paint, decision.action)(decision.action)}: ${visible(decision.reason)}`,
  );
  lines.push(...changeLines(node, verdict.action, decision.approval, verdict.findings));
  return [...lines, ''];
}

function bySeverity(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => b.weight - a.weight);
}

function scoreLines(
  findings: Finding[],
  score: number,
  { review, block }: { review: number; block: number },
): string[] {
  const weights = bySeverity(findings)
    .filter(({ weight }) => weight > 0)
    .map(({ rule, weight }) => `  ${String(Math.round(weight)).padStart(4)}  ${visible(rule)}`);
  return [...weights, `  ${String(score).padStart(4)}  in all; review from ${review}, block from ${block}`];
}

function changeLines(
  node: { name: string; version: string },
  action: string,
  approval: string,
  findings: Finding[],
): string[] {
  const id = visible(`${node.name}@${node.version}`);
  if (action === 'block') {
    const rules = [...new Set(findings.map(({ rule }) => rule))].map(visible).join(', ');
    return [
      '  What would change it: another version; or, if you are sure, an exception in the policy with reason and expiry:',
      `    exceptions: [{ package: "${id}", rules: [${rules}], reason: "…", expires: "YYYY-MM-DD" }]`,
    ];
  }
  if (action === 'review' && approval !== 'approved') {
    return [`  What would change it: safe-install approve ${id} --reason "…", or safe-install deny ${node.name}`];
  }
  return [];
}
