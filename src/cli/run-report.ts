import type { ProgressEvent } from '../install/index.js';
import type { InstallReport } from '../model.js';
import { createProgress, type Detail, jsonReport, summaryLines } from '../report/index.js';
import type { CommandContext } from './command.js';
import { errorLines } from './error-output.js';

/** Runs the work with a live progress line, prints its report in the way the flags ask for, and gives the exit code. */
export async function runAndReport(
  context: CommandContext,
  work: (onProgress: (event: ProgressEvent) => void) => Promise<InstallReport>,
): Promise<number> {
  const { terminal, npm } = context;
  const level = String(npm.get('loglevel'));
  const progress = createProgress({
    write: level === 'silent' || npm.get('progress') === false ? () => {} : terminal.err,
    live: terminal.live,
    columns: terminal.columns,
    now: () => performance.now(),
  });
  let report: InstallReport;
  try {
    report = await work(progress.show);
  } finally {
    progress.stop();
  }
  printReport(context, report);
  return report.exitCode;
}

function printReport({ terminal, flags, npm }: CommandContext, report: InstallReport): void {
  const level = String(npm.get('loglevel'));
  if (flags.boolean('json')) {
    terminal.out(jsonReport(report));
    if (report.error !== null && level !== 'silent') {
      terminal.err(errorLines(report.error));
    }
    return;
  }
  if (level === 'silent') return;
  const look = { color: terminal.color.out, columns: terminal.columns };
  terminal.out(`${summaryLines(report, look, detailOf(level)).join('\n')}\n`);
}

function detailOf(level: string): Detail {
  if (['error', 'warn'].includes(level)) return 'quiet';
  return ['verbose', 'silly'].includes(level) ? 'verbose' : 'normal';
}
