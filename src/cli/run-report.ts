import type { ProgressEvent } from '../install/index.js';
import type { InstallReport } from '../model.js';
import { createProgress, type Detail, errorLines, type Progress, summaryLines } from '../report/terminal/index.js';
import type { CommandContext } from './command.js';
import { writeReportFiles } from './report-flags.js';

/** What the work of a reporting command gets. */
export interface Work {
  onProgress: (event: ProgressEvent) => void;
  /** Removes the live line before something else is printed. */
  pause: () => void;
}

/** Runs the work with a live progress line, prints its report in the way the flags ask for, and returns it. */
export async function runAndReport(
  context: CommandContext,
  work: (work: Work) => Promise<InstallReport>,
): Promise<InstallReport> {
  const progress = progressFor(context);
  let report: InstallReport;
  try {
    report = await work({ onProgress: progress.show, pause: progress.pause });
  } finally {
    progress.stop();
  }
  await printReport(context, report);
  await writeReportFiles(context, report);
  return report;
}

/** The progress line of this command line: none with --silent or --no-progress. */
export function progressFor({ terminal, npm }: CommandContext): Progress {
  const silent = npm.get('loglevel') === 'silent' || (npm.isSet('progress') && npm.get('progress') === false);
  return createProgress({
    write: silent ? () => {} : terminal.err,
    live: terminal.live,
    columns: terminal.columns,
    now: () => performance.now(),
  });
}

async function printReport({ terminal, flags, npm }: CommandContext, report: InstallReport): Promise<void> {
  const level = String(npm.get('loglevel'));
  if (flags.boolean('json')) {
    const { jsonReport } = await import('../report/index.js');
    terminal.out(jsonReport(report));
  } else if (level !== 'silent') {
    const lines = summaryLines(report, { color: terminal.color.out, columns: terminal.columns }, detailOf(level));
    if (lines.length > 0) terminal.out(`${lines.join('\n')}\n`);
  }
  if (report.error !== null && level !== 'silent') {
    const look = { color: terminal.color.err, columns: terminal.columns };
    terminal.err(`${errorLines(report.error, look).join('\n')}\n`);
  }
}

function detailOf(level: string): Detail {
  if (['error', 'warn'].includes(level)) return 'quiet';
  return ['verbose', 'silly'].includes(level) ? 'verbose' : 'normal';
}
