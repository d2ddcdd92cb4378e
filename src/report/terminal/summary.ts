import type { Finding, InstallReport, ReportedPackage, SandboxEvent, ScriptRun } from '../../model.js';
import { plainOutput, visible } from '../visible.js';
import { findingLines } from './finding.js';
import { actionPaint, count, duration, type Look, paintFor } from './paint.js';
import { traceLines } from './trace.js';

/** How much a summary tells: `quiet` only what needs a person, `normal`, `verbose` every finding and script output. */
export type Detail = 'quiet' | 'normal' | 'verbose';

/** What a person reads after a command: packages that need a look with their slices, scripts, denials, npm's own line. Not the error: see errorLines. */
export function summaryLines(report: InstallReport, look: Look, detail: Detail = 'normal'): string[] {
  const paint = paintFor(look);
  const sections = [
    report.packages
      .filter((p) => shown(p, detail))
      .flatMap((p) => [
        ...packageLines(withoutSettled(p, detail), look, report.packages.length === 1 ? 'verbose' : detail),
        '',
      ]),
    scriptLines(report.scripts, look, detail),
    report.scripts.flatMap((run) => traceLines(run, look)),
    eventLines(report.events, look, detail),
    report.warnings.map((warning) => `${paint.yellow('warning')} ${visible(warning)}`),
    closingLines(report, look, detail),
  ];
  return sections.flat();
}

/** One package with verdict, why it is in the tree, what was decided, and its findings: the heaviest, or all where asked. */
export function packageLines(reported: ReportedPackage, look: Look, detail: Detail): string[] {
  const paint = paintFor(look);
  const { action, score } = reported.verdict;
  const color = actionPaint(paint, action);
  const why = reported.requestedBy.length === 0 ? '' : paint.dim(` ← ${reported.requestedBy.map(visible).join(' ← ')}`);
  const head = `${color(paint.bold(action))} ${paint.bold(packageId(reported))} ${color(`score ${score}`)}${why}`;
  const decided = reported.decision === null ? [] : [`  ${paint.dim(visible(reported.decision.reason))}`];
  const told = detail === 'verbose' ? reported.findings : telling(reported.findings);
  const left = reported.findings.length - told.length;
  return [
    head,
    ...decided,
    ...told.flatMap((finding, i) => [...(i === 0 ? [] : ['']), ...findingLines(finding, look)]),
    ...(left > 0
      ? ['', `  ${paint.dim(`and ${count(left, 'lighter finding')}: safe-install explain ${packageId(reported)}`)}`]
      : []),
  ];
}

const ENOUGH = 3;

/** What a person reads first: of each rule the heaviest place, and no more than a few. */
function telling(findings: Finding[]): Finding[] {
  const heaviest = new Map<string, Finding>();
  for (const finding of findings) {
    const known = heaviest.get(finding.rule);
    if (known === undefined || finding.weight > known.weight) heaviest.set(finding.rule, finding);
  }
  return [...heaviest.values()].sort((a, b) => b.weight - a.weight).slice(0, ENOUGH);
}

/** `name@version`, harmless to a terminal. */
export function packageId({ name, version }: { name: string; version: string }): string {
  return visible(`${name}@${version}`);
}

function shown(reported: ReportedPackage, detail: Detail): boolean {
  if (reported.verdict.action !== 'allow') return true;
  return detail === 'verbose' && reported.findings.length > 0;
}

// what a person has approved is named, and not told again
function withoutSettled(reported: ReportedPackage, detail: Detail): ReportedPackage {
  const settled = reported.verdict.action === 'review' && reported.decision?.action === 'allow';
  return settled && detail !== 'verbose' ? { ...reported, findings: [] } : reported;
}

function used({ metrics }: ScriptRun): string {
  if (metrics === undefined) return '';
  const MiB = (bytes: number) => `${Math.round(bytes / 1048576)} MiB`;
  return `, started in ${duration(metrics.startMs)}, ${MiB(metrics.peakMemoryBytes)} of memory, ${MiB(metrics.writtenBytes)} written`;
}

function scriptLines(scripts: ScriptRun[], look: Look, detail: Detail): string[] {
  const paint = paintFor(look);
  return scripts.flatMap((run) => {
    const failed = run.exitCode !== 0;
    if (!failed && detail !== 'verbose') return [];
    const end = run.violation ?? run.limit ?? (run.signal === null ? `exit ${run.exitCode}` : `signal ${run.signal}`);
    const what = run.violation === undefined ? 'script failed' : 'script stopped';
    const head = `${failed ? paint.red(what) : paint.green('script')} ${paint.bold(visible(run.package))} ${visible(run.event)}: ${visible(run.command)} (${visible(end)}, ${duration(run.ms)}${detail === 'verbose' ? used(run) : ''})`;
    const output = plainOutput(run.output).trimEnd();
    const kept = output === '' ? [] : output.split('\n').slice(-40);
    return [head, ...kept.map((line) => `  ${paint.dim('│')} ${line}`)];
  });
}

function eventLines(events: SandboxEvent[], look: Look, detail: Detail): string[] {
  const paint = paintFor(look);
  const groups = new Map<string, { event: SandboxEvent; times: number }>();
  for (const event of events) {
    if (event.action === 'allowed' && detail !== 'verbose') continue;
    const key = [event.package, event.script, event.class, event.action, event.target].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { event, times: 1 });
    else group.times++;
  }
  return [...groups.values()].map(({ event, times }) => {
    const color = event.action === 'allowed' ? paint.dim : event.action === 'killed' ? paint.red : paint.yellow;
    const again = times > 1 ? ` (${times}×)` : '';
    return `${color(event.action)} ${visible(event.class)} ${paint.bold(visible(event.target))} by ${visible(event.package)} ${visible(event.script)}${again}`;
  });
}

function closingLines(report: InstallReport, look: Look, detail: Detail): string[] {
  const lines: string[] = [];
  if (detail !== 'quiet') lines.push(...guardLines(report, look));
  if (report.error === null && report.command !== 'scan') lines.push(npmLine(report));
  return lines;
}

/** What was read, run and refused, in one line. */
function guardLines(report: InstallReport, look: Look): string[] {
  const paint = paintFor(look);
  const { packages, scripts, events } = report;
  if (packages.length === 0) return [];
  const cached = packages.filter(({ verdict }) => verdict.fromCache).length;
  const noted = packages.filter(({ verdict, findings }) => verdict.action === 'allow' && findings.length > 0);
  const parts = [`scanned ${count(packages.length, 'package')}${cached > 0 ? ` (${cached} from cache)` : ''}`];
  const sandboxed = scripts.filter(({ sandbox }) => sandbox !== 'none');
  if (sandboxed.length > 0) {
    const levels = [...new Set(sandboxed.map(({ sandbox }) => sandbox))].join(', ');
    parts.push(`ran ${count(sandboxed.length, 'script')} in the sandbox (${levels})`);
  }
  const denied = events.filter(
    ({ action, class: kind }) => action !== 'allowed' && ['network', 'dns', 'registry'].includes(kind),
  ).length;
  if (denied > 0) parts.push(paint.yellow(`denied ${count(denied, 'connection')}`));
  const skipped = packages.filter(
    ({ decision }) => decision !== null && !decision.runScripts && decision.approval === 'denied',
  ).length;
  if (skipped > 0) parts.push(`${count(skipped, 'package')} without scripts, as denied`);
  if (noted.length > 0) parts.push(`${count(noted.length, 'allowed package')} with findings (--verbose shows them)`);
  return [paint.dim(parts.join(' · '))];
}

/** npm's own closing line: `added 3 packages, and removed 1 package in 2s`. */
export function npmLine({ changes, timings, dryRun }: Pick<InstallReport, 'changes' | 'timings' | 'dryRun'>): string {
  const { added, removed, changed } = changes;
  const parts = [
    added > 0 ? `added ${count(added, 'package')}` : '',
    removed > 0 ? `removed ${count(removed, 'package')}` : '',
    changed > 0 ? `changed ${count(changed, 'package')}` : '',
  ].filter((part) => part !== '');
  const text =
    parts.length === 0
      ? 'up to date'
      : parts.length === 1
        ? parts[0]!
        : `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)}`;
  const total = timings['total'];
  return `${text}${total === undefined ? '' : ` in ${duration(total)}`}${dryRun ? ' (dry run)' : ''}`;
}
