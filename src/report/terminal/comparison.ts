import type { VerdictComparison } from '../../analyze/index.js';
import type { Explanation } from '../../install/index.js';
import { visible } from '../visible.js';
import { findingLines } from './finding.js';
import { actionPaint, type Look, paintFor } from './paint.js';
import { packageId } from './summary.js';

/** What the second version can do that the first could not, and the findings that are new. */
export function comparisonLines(
  before: Explanation,
  after: Explanation,
  comparison: VerdictComparison,
  look: Look,
): string[] {
  const paint = paintFor(look);
  const { added, removed, newRules, scoreBefore, actionBefore, scoreAfter, actionAfter, scoreAgainst, actionAgainst } =
    comparison;
  const color = actionPaint(paint, actionAfter);
  const lines = [
    `${paint.bold(packageId(before.package))} → ${paint.bold(packageId(after.package))}`,
    `  score ${scoreBefore} (${actionBefore}) → ${color(`${scoreAfter} (${actionAfter})`)}`,
  ];
  if (scoreAgainst > scoreAfter)
    lines.push(
      `  as a change of what was there it weighs ${actionPaint(paint, actionAgainst)(`${scoreAgainst} (${actionAgainst})`)}`,
    );
  const scripts = scriptChanges(before, after);
  if (scripts.length > 0) lines.push('', paint.bold('Scripts'), ...scripts);
  if (added.length + removed.length > 0) {
    lines.push('', paint.bold('Capabilities'));
    lines.push(...added.map((word) => `  ${paint.yellow('+')} ${visible(word)}`));
    lines.push(...removed.map((word) => `  ${paint.dim(`- ${visible(word)}`)}`));
  }
  const fresh = after.verdict.findings.filter(({ rule }) => newRules.includes(rule));
  if (fresh.length > 0) {
    lines.push('', paint.bold('New findings'), ...fresh.flatMap((finding) => [...findingLines(finding, look), '']));
  }
  if (lines.length === 2 && scoreAgainst === scoreAfter) lines.push('  no script, capability or finding differs');
  return lines;
}

function scriptChanges(before: Explanation, after: Explanation): string[] {
  const text = (explanation: Explanation) => explanation.scripts.map(({ event, command }) => `${event}: ${command}`);
  const [had, has] = [text(before), text(after)];
  return [
    ...has.filter((line) => !had.includes(line)).map((line) => `  + ${visible(line)}`),
    ...had.filter((line) => !has.includes(line)).map((line) => `  - ${visible(line)}`),
  ];
}
