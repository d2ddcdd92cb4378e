import type { InstallCommand } from '../install/index.js';
import type { Command, CommandContext } from './command.js';
import { usageError } from './flags.js';
import { installPolicy, npmSettings, policyOf } from './install-options.js';

/** A command that changes a project: same flags, same road, different word. */
export function installingCommand(name: InstallCommand, usage: string[], details: string[]): Command {
  return { usage, flags: {}, details, run: (context) => runInstall(name, context) };
}

async function runInstall(command: InstallCommand, context: CommandContext): Promise<number> {
  const specs = [...context.args, ...(context.rest ?? [])];
  if (command === 'ci' && specs.length > 0) {
    throw usageError('ci takes no packages: it installs what the lock file says.', specs[0]!, [
      `To add a package: safe-install install ${specs.join(' ')}`,
    ]);
  }
  if (command === 'ci' && context.npm.global) {
    throw usageError('ci works on a project with a lock file, not on global packages.', '--global');
  }
  if (command === 'uninstall' && specs.length === 0) {
    throw usageError('Name the packages to remove: safe-install uninstall <name…>', 'uninstall');
  }
  const policy = policyOf(context);
  const npm = await npmSettings(context);
  const { installProject } = await import('../install/index.js');
  const { runAndReport } = await import('./run-report.js');
  return runAndReport(context, (onProgress) =>
    installProject({
      command,
      specs,
      npm,
      policy: installPolicy(policy),
      approvals: [],
      stateDir: context.stateDir,
      rulesFolders: policy.rules,
      onProgress,
      signal: context.signal,
    }),
  );
}
