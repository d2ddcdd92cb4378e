import type { Finding, InstallReport, ReportedPackage } from '../model.js';
import { npmLine } from './terminal/summary.js';
import { visible, visibleLines } from './visible.js';

/** The report as Markdown, for a job summary or a pull-request comment. Text of packages cannot become markup or a mention. */
export function markdownReport(report: InstallReport): string {
  const flagged = report.packages.filter(({ verdict }) => verdict.action !== 'allow');
  const denied = report.events.filter(({ action }) => action !== 'allowed');
  const lines = [
    `## safe-install ${code(report.command)}: ${headline(report)}`,
    '',
    `${report.packages.length} packages read, ${flagged.length} flagged, ${report.scripts.length} scripts run, ${denied.length} attempts denied or reported. Exit code ${report.exitCode}.`,
  ];
  if (report.error !== null) {
    const { code: id, message, where, next } = report.error;
    lines.push('', `**${text(id)}** ${text(message)}`);
    if (where !== null) lines.push('', `at ${code(where)}`);
    for (const step of next) lines.push(`- ${text(step)}`);
  } else if (report.command !== 'scan') {
    lines.push('', text(npmLine(report)));
  }
  for (const reported of flagged) lines.push('', ...packageSection(reported));
  if (report.scripts.length > 0) {
    lines.push(
      '',
      '### Scripts',
      '',
      '| package | event | command | end | ms | sandbox |',
      '|---|---|---|---|---|---|',
    );
    for (const run of report.scripts) {
      const end = run.limit ?? run.signal ?? `exit ${run.exitCode}`;
      lines.push(
        `| ${[code(run.package), text(run.event), code(run.command), text(end), Math.round(run.ms), run.sandbox].join(' | ')} |`,
      );
    }
  }
  if (denied.length > 0) {
    lines.push(
      '',
      '### What the sandbox denied',
      '',
      '| package | script | class | target | action |',
      '|---|---|---|---|---|',
    );
    for (const event of denied) {
      lines.push(
        `| ${[code(event.package), text(event.script), event.class, code(event.target), event.action].join(' | ')} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function headline(report: InstallReport): string {
  if (report.error !== null) return `failed (${text(report.error.code)})`;
  const { verdict: worst } = report.packages.toSorted((a, b) => b.verdict.score - a.verdict.score)[0] ?? {};
  return report.exitCode === 0
    ? 'ok'
    : `exit ${report.exitCode}${worst === undefined ? '' : `, worst score ${worst.score}`}`;
}

function packageSection({ name, version, verdict, requestedBy, findings, decision }: ReportedPackage): string[] {
  const lines = [`### ${verdict.action}: ${code(`${name}@${version}`)} (score ${verdict.score})`];
  if (requestedBy.length > 0) lines.push('', `brought by ${requestedBy.map(code).join(' ← ')}`);
  if (decision !== null) lines.push('', text(decision.reason));
  for (const finding of findings) lines.push('', ...findingSection(finding));
  return lines;
}

function findingSection(finding: Finding): string[] {
  const at = finding.line > 0 ? `${finding.file}:${finding.line}` : finding.file;
  const lines = [
    `**${finding.severity}** ${code(finding.rule)} at ${finding.phase}, ${code(at)}: ${text(finding.message)}`,
  ];
  if (finding.guards.length > 0) lines.push('', `only if: ${finding.guards.map(text).join('; ')}`);
  if (finding.slice !== null) lines.push('', ...fence(finding.slice.frame));
  return lines;
}

/** A fenced block whose fence is longer than any run of backticks inside. */
function fence(content: string): string[] {
  const safe = visibleLines(content).replace(/\n+$/, '');
  const longest = Math.max(2, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return [`${marks}text`, safe, marks];
}

/** An inline code span; pipes are escaped because it may stand in a table. */
function code(content: string): string {
  const safe = visible(content).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') || safe.trim() === '' ? ' ' : '';
  return `${marks}${pad}${safe}${pad}${marks}`;
}

/** Plain text: every character that Markdown, HTML or GitHub's mentions and references give a meaning is escaped. */
function text(content: string): string {
  return visible(content)
    .replace(/[\\`*_{}[\]()<>#+!|~&:]/g, (c) =>
      c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '&' ? '&amp;' : `\\${c}`,
    )
    .replace(/@/g, '@\u2060');
}
