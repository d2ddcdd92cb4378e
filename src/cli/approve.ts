import { EXIT, SafeInstallError } from '../errors.js';
import type { Explanation } from '../install/index.js';
import { approvalRoot } from '../library/index.js';
import { expiryDay, explain } from './approvals-context.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';
import { GRANT_FLAGS, givenGrant } from './grant-flags.js';
import { type Approved, recordApprovals } from './record-approval.js';

export const command: Command = {
  usage: ['approve <name[@version]…> [--reason <text>] [--expires <day>]'],
  flags: {
    reason: { type: 'string', value: '<text>', summary: 'Why, for those who come later' },
    expires: { type: 'string', value: '<day>', summary: 'Last day it holds: YYYY-MM-DD, or 90d' },
    ...GRANT_FLAGS,
  },
  details: [
    'Reads the package, shows what it would run, and records the approval: an exact pin in allowScripts of package.json',
    '(allowBuilds for pnpm), and integrity, script hash, grant, reason, person and expiry in safe-install.lock. It holds for',
    'these bytes and these scripts only. A blocked package cannot be approved: that takes an exception in the policy.',
  ],
  async run(context) {
    const { args, flags, terminal } = context;
    if (args.length === 0) throw usageError('Name what to approve: safe-install approve <name[@version]…>', 'approve');
    const expires = expiryDay(flags.string('expires'));
    const reason = flags.string('reason') ?? '';
    const grant = givenGrant(flags);
    const { scriptHash } = await import('../decide/script-hash.js');
    const explanations: Explanation[] = [];
    for (const spec of args) explanations.push(...(await explain(context, spec)));
    for (const explanation of explanations) refuseBlocked(explanation);
    const approved = explanations.map(
      ({ package: node, scripts }): Approved => ({
        node,
        scriptHash: scriptHash(scripts),
        hasScripts: scripts.length > 0,
        grant,
        reason,
        expires,
      }),
    );
    const warnings = await recordApprovals(context, approved);
    const { safeJson, visible } = await import('../report/index.js');
    if (flags.boolean('json')) {
      terminal.out(
        safeJson({
          schema: 1,
          approved: approved.map(({ node, ...rest }) => ({ package: `${node.name}@${node.version}`, ...rest })),
          warnings,
        }),
      );
    } else {
      terminal.out(explanations.map((explanation) => approvedText(explanation, visible)).join(''));
      terminal.out(`Recorded in ${visible(approvalRoot(context))}/safe-install.lock\n`);
    }
    for (const warning of warnings) terminal.err(`warning ${visible(warning)}\n`);
    return EXIT.ok;
  },
};

function refuseBlocked({ package: { name, version }, verdict }: Explanation): void {
  if (verdict.action !== 'block') return;
  const id = `${name}@${version}`;
  throw new SafeInstallError(`${id} is blocked (score ${verdict.score}) and cannot be approved.`, {
    code: 'EBLOCKED',
    exitCode: EXIT.blocked,
    where: id,
    next: [
      `See why: safe-install explain ${id}`,
      'If you are sure, write an exception with reason and expiry into the policy.',
    ],
  });
}

function approvedText(
  { package: { name, version }, scripts, verdict }: Explanation,
  visible: (text: string) => string,
): string {
  const head = `approved ${visible(`${name}@${version}`)} (${verdict.action}, score ${verdict.score})\n`;
  return head + scripts.map(({ event, command: text }) => `  ${event}: ${visible(text)}\n`).join('');
}
