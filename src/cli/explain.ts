import { EXIT } from '../errors.js';
import { explain } from './approvals-context.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';
import { policyOf } from './session.js';

export const command: Command = {
  usage: ['explain <name[@version]|spec>'],
  flags: {},
  details: [
    'Tells what of the package would run and when, shows each slice, how the score came about, and what would change it.',
  ],
  async run(context) {
    const [spec, ...more] = context.args;
    if (spec === undefined || more.length > 0) {
      throw usageError('Name one package: safe-install explain <name[@version]>', more[0] ?? 'explain');
    }
    const policy = await policyOf(context);
    const { explanationLines, safeJson } = await import('../report/index.js');
    const explanations = await explain(context, spec);
    const { terminal } = context;
    if (context.flags.boolean('json')) terminal.out(safeJson(explanations));
    else {
      const look = { color: terminal.color.out, columns: terminal.columns };
      terminal.out(`${explanations.flatMap((e) => explanationLines(e, policy.thresholds, look)).join('\n')}\n`);
    }
    return EXIT.ok;
  },
};
