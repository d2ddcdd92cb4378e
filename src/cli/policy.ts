import { EXIT } from '../errors.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';
import { policyOf } from './session.js';

export const command: Command = {
  usage: ['policy print', 'policy schema'],
  flags: {},
  details: [
    'print: the policy that holds here, after template, user-level file and project file were merged, with its sources.',
    'schema: the JSON Schema of the policy file, for editors.',
  ],
  async run(context) {
    const [what, ...more] = context.args;
    const { terminal } = context;
    if (more.length > 0) throw usageError('policy takes one word: print or schema.', more[0]!);
    if (what === 'schema') {
      const { policyJsonSchema } = await import('../config/policy/index.js');
      terminal.out(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
      return EXIT.ok;
    }
    if (what !== 'print')
      throw usageError('policy needs a word: safe-install policy print, or policy schema', what ?? 'policy');
    const { sources, ...policy } = await policyOf(context);
    const { safeJson, visibleLines } = await import('../report/index.js');
    if (context.flags.boolean('json')) terminal.out(safeJson({ schema: 1, sources, policy }));
    else {
      const { stringify } = await import('yaml');
      const from = sources.length === 0 ? ['# built-in defaults'] : sources.map((file) => `# from ${file}`);
      terminal.out(visibleLines(`${from.join('\n')}\n${stringify(policy)}`));
    }
    return EXIT.ok;
  },
};
