import { EXIT } from '../errors.js';
import { approvalRoot } from '../library/index.js';
import { decider, today } from './approvals-context.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';

export const command: Command = {
  usage: ['deny <name…> [--reason <text>]'],
  flags: { reason: { type: 'string', value: '<text>', summary: 'Why, for those who come later' } },
  details: [
    'No install script of the package runs any more, in any version; the package itself is still installed. Written as',
    '`false` into allowScripts of package.json (allowBuilds for pnpm), so that npm and pnpm keep to it too.',
  ],
  async run(context) {
    const { args, flags, terminal, npm } = context;
    if (args.length === 0) throw usageError('Name what to deny: safe-install deny <name…>', 'deny');
    if (npm.global) throw usageError('deny works on a project: npm keeps no denials for global packages.', '--global');
    const { denyScripts, isAbout, managerFile, readApprovalLock, writeApprovalLock } = await import(
      '../decide/approvals/index.js'
    );
    const npa = (await import('npm-package-arg')).default;
    const names = args.map((arg) => {
      const { name, registry } = npa(arg);
      return registry && name !== null ? name : arg;
    });
    const root = approvalRoot(context);
    const lock = readApprovalLock(root);
    const file = managerFile(root);
    await file.write(names.reduce(denyScripts, await file.read()));
    const approvals = Object.fromEntries(
      Object.entries(lock.approvals).filter(([id]) => !names.some((name) => isAbout(id, name))),
    );
    const denial = { reason: flags.string('reason') ?? '', by: decider(npm.env), on: today() };
    await writeApprovalLock(root, {
      ...lock,
      approvals,
      denials: { ...lock.denials, ...Object.fromEntries(names.map((name) => [name, denial])) },
    });
    const { safeJson, visible } = await import('../report/index.js');
    if (flags.boolean('json')) terminal.out(safeJson({ schema: 1, denied: names, file: file.file }));
    else for (const name of names) terminal.out(`denied ${visible(name)} in ${visible(file.file)}\n`);
    return EXIT.ok;
  },
};
