import type { Finding } from '../../model.js';
import { visible, visibleLines } from '../visible.js';
import { cut, type Look, paintFor, severityPaint } from './paint.js';

/** One finding with its slice as a code frame, indented below its package. */
export function findingLines(finding: Finding, look: Look): string[] {
  const paint = paintFor(look);
  const at = finding.line > 0 ? `${finding.file}:${finding.line}` : finding.file;
  const head = `${severityPaint(paint, finding.severity)(finding.severity.padEnd(8))} ${paint.bold(visible(finding.rule))}`;
  const lines = [`  ${head} ${paint.dim(`at ${finding.phase},`)} ${visible(at)}`, `  ${visible(finding.message)}`];
  if (finding.guards.length > 0) lines.push(`  ${paint.dim(`only if: ${finding.guards.map(visible).join('; ')}`)}`);
  if (finding.slice !== null) lines.push(...frameLines(finding.slice.frame, look));
  return lines;
}

/** A code frame with a margin; long lines are cut at the terminal's width. */
export function frameLines(frame: string, look: Look): string[] {
  const paint = paintFor(look);
  return visibleLines(frame)
    .replaceAll('\t', '  ')
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `  ${paint.dim('│')} ${cut(line, Math.max(20, look.columns - 4))}`);
}
