import type { Command } from './command.js';
import { usageError } from './flags.js';
import { REPORT_FLAGS } from './report-flags.js';
import { sessionOf } from './session.js';

export const command: Command = {
  usage: ['scan <folder|tarball|lock file|spec…> [flags]'],
  flags: REPORT_FLAGS,
  details: [
    'Exits with 0, 10 (block) or 11 (review) by the worst verdict. Nothing is installed and nothing of a package runs.',
  ],
  async run(context) {
    const targets = [...context.args, ...(context.rest ?? [])];
    if (targets.length === 0) throw usageError('Name what to scan: safe-install scan <folder|tarball|spec…>', 'scan');
    const session = await sessionOf(context);
    const { scanTargets } = await import('../install/index.js');
    const { runAndReport } = await import('./run-report.js');
    const { exitCode } = await runAndReport(context, ({ onProgress }) =>
      scanTargets({
        targets,
        cwd: context.cwd,
        ...session,
        onProgress,
        signal: context.signal,
      }),
    );
    return exitCode;
  },
};
