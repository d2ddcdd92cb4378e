import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import type { InstallReport } from '../model.js';
import type { CommandContext } from './command.js';
import type { FlagSpec } from './flags.js';

/** Flags of commands that make a report. */
export const REPORT_FLAGS: Record<string, FlagSpec> = {
  sarif: { type: 'string', value: '<file>', summary: 'Write the findings as SARIF 2.1.0' },
  html: { type: 'string', value: '<file>', summary: 'Write the report as one self-contained page' },
  markdown: { type: 'string', value: '<file>', summary: 'Write the report as Markdown' },
  github: { type: 'boolean', summary: 'Print annotations for GitHub Actions (on stderr)' },
};

/** Writes the report files that the flags ask for. */
export async function writeReportFiles({ flags, cwd, terminal }: CommandContext, report: InstallReport): Promise<void> {
  const wanted = [flags.string('sarif'), flags.string('html'), flags.string('markdown')];
  if (wanted.every((file) => file === undefined) && !flags.boolean('github')) return;
  const { githubAnnotations, htmlReport, markdownReport, sarifReport } = await import('../report/index.js');
  const makers = [sarifReport, htmlReport, markdownReport];
  wanted.forEach((file, i) => {
    if (file !== undefined) writeReport(resolve(cwd, file), makers[i]!(report));
  });
  if (flags.boolean('github')) terminal.err(githubAnnotations(report));
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new SafeInstallError(`The report cannot be written: ${(cause as Error).message}`, {
      code: 'EREPORTFILE',
      exitCode: EXIT.npm,
      where: file,
      cause,
    });
  }
}
