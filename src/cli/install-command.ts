import type { InstallCommand } from '../install/index.js';
import type { InstallReport } from '../model.js';
import type { Command, CommandContext } from './command.js';
import type { FlagSpec } from './flags.js';
import { usageError } from './flags.js';
import { REPORT_FLAGS } from './report-flags.js';
import type { ReviewPrompt } from './review-prompt.js';
import { sessionOf } from './session.js';

const INSTALL_FLAGS: Record<string, FlagSpec> = {
  ...REPORT_FLAGS,
  trace: { type: 'boolean', summary: 'Record files, programs and connections of every install script (with strace)' },
  link: {
    type: 'boolean',
    summary: 'Packages without scripts and bins become read-only hard links of files that projects share',
  },
};

/** A command that changes a project: same flags, same road, different word. */
export function installingCommand(name: InstallCommand, usage: string[], details: string[]): Command {
  return {
    usage,
    flags: INSTALL_FLAGS,
    details,
    run: (context) => runInstall(name, context),
  };
}

async function runInstall(command: InstallCommand, context: CommandContext): Promise<number> {
  const specs = [...context.args, ...(context.rest ?? [])];
  checkUsage(command, specs, context.npm.global);
  const session = await sessionOf(context);
  const { installProject } = await import('../install/index.js');
  const { runAndReport } = await import('./run-report.js');
  const { createReviewPrompt } = await import('./review-prompt.js');
  const mayAsk = context.terminal.interactive && session.policy.onReview === 'ask' && !context.flags.boolean('json');
  const { exitCode } = await runAndReport(context, async ({ onProgress, pause }): Promise<InstallReport> => {
    const prompt = mayAsk ? createReviewPrompt(context, pause) : null;
    const report = await installProject({
      command,
      specs,
      ...session,
      ...(prompt === null ? {} : { ask: prompt.ask }),
      rootScriptsOutput: context.flags.boolean('json') ? 'stderr' : 'inherit',
      ...(context.flags.boolean('trace') ? { trace: () => true } : {}),
      link: context.flags.boolean('link'),
      onProgress,
      signal: context.signal,
    });
    const told = { ...report, warnings: [...session.warnings, ...report.warnings] };
    return prompt === null ? told : await afterPrompt(context, prompt, told);
  });
  return exitCode;
}

async function afterPrompt(
  context: CommandContext,
  prompt: ReviewPrompt,
  report: InstallReport,
): Promise<InstallReport> {
  if (prompt.cancelled()) return { ...report, exitCode: 130 };
  if (report.exitCode !== 0 || report.dryRun || prompt.remembered.length === 0) return report;
  const { recordApprovals } = await import('./record-approval.js');
  const warnings = await recordApprovals(context, prompt.remembered);
  return { ...report, warnings: [...report.warnings, ...warnings] };
}

function checkUsage(command: InstallCommand, specs: string[], global: boolean): void {
  if (command === 'ci' && specs.length > 0) {
    throw usageError('ci takes no packages: it installs what the lock file says.', specs[0]!, [
      `To add a package: safe-install install ${specs.join(' ')}`,
    ]);
  }
  if (command === 'ci' && global) {
    throw usageError('ci works on a project with a lock file, not on global packages.', '--global');
  }
  if (command === 'uninstall' && specs.length === 0) {
    throw usageError('Name the packages to remove: safe-install uninstall <name…>', 'uninstall');
  }
}
