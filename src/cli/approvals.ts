import { EXIT } from '../errors.js';
import { approvalRoot } from '../library/index.js';
import { today } from './approvals-context.js';
import type { Command } from './command.js';

export const command: Command = {
  usage: ['approvals'],
  flags: {},
  details: [
    'Lists what this project approves and denies: npm’s or pnpm’s own table, and what safe-install.lock knows of it.',
  ],
  async run(context) {
    const { isAbout, managerFile, readApprovalLock } = await import('../decide/approvals/index.js');
    const root = approvalRoot(context);
    const lock = readApprovalLock(root);
    const table = context.npm.global ? {} : await managerFile(root).read();
    const { safeJson, visible } = await import('../report/index.js');
    const { terminal } = context;
    if (context.flags.boolean('json')) {
      terminal.out(safeJson({ schema: 1, allowScripts: table, ...lock }));
      return EXIT.ok;
    }
    const lines: string[] = [];
    for (const [id, { reason, by, on, expires, grant }] of Object.entries(lock.approvals)) {
      const until = expires === null ? '' : expires < today() ? `, ended ${expires}` : `, until ${expires}`;
      lines.push(`approved ${id} by ${by} on ${on}${until}${reason === '' ? '' : `: ${reason}`}`);
      for (const [what, values] of Object.entries(grant ?? {}))
        lines.push(`  may use ${what}: ${(values ?? []).join(', ')}`);
    }
    for (const [key, value] of Object.entries(table)) {
      if (value === false) {
        const note = lock.denials[key];
        lines.push(
          `denied   ${key}${note === undefined ? '' : ` by ${note.by} on ${note.on}${note.reason === '' ? '' : `: ${note.reason}`}`}`,
        );
      } else if (value === true && !Object.keys(lock.approvals).some((id) => id === key || isAbout(id, key))) {
        lines.push(`approved ${key} in allowScripts, not reviewed by safe-install`);
      }
    }
    terminal.out(lines.length === 0 ? 'Nothing is approved or denied here.\n' : `${lines.map(visible).join('\n')}\n`);
    return EXIT.ok;
  },
};
