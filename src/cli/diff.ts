import { EXIT, SafeInstallError } from '../errors.js';
import type { Explanation } from '../install/index.js';
import { explain } from './approvals-context.js';
import type { Command, CommandContext } from './command.js';
import { usageError } from './flags.js';

export const command: Command = {
  usage: ['diff <package>@<before> <package>@<after>', 'diff <folder|tarball|spec> <folder|tarball|spec>'],
  flags: {},
  details: [
    'Shows what the second can do that the first could not: scripts, hosts, sinks, bins, dependencies, obfuscation, and the',
    'slices of rules that hold now and did not before.',
  ],
  async run(context) {
    const { args, terminal } = context;
    const [first, second, ...more] = args;
    if (first === undefined || second === undefined || more.length > 0) {
      throw usageError('Name two packages: safe-install diff <package>@<before> <package>@<after>', more[0] ?? 'diff');
    }
    const before = await only(context, first);
    const after = await only(context, second);
    const { compareVerdicts } = await import('../analyze/index.js');
    const { comparisonLines, safeJson } = await import('../report/index.js');
    const comparison = compareVerdicts({ version: before.package.version, verdict: before.verdict }, after.verdict);
    if (context.flags.boolean('json')) {
      const id = ({ package: { name, version } }: Explanation) => `${name}@${version}`;
      terminal.out(safeJson({ schema: 1, before: id(before), after: id(after), ...comparison }));
    } else {
      const look = { color: terminal.color.out, columns: terminal.columns };
      terminal.out(`${comparisonLines(before, after, comparison, look).join('\n')}\n`);
    }
    return EXIT.ok;
  },
};

async function only(context: CommandContext, spec: string): Promise<Explanation> {
  const [explanation, ...more] = await explain(context, spec);
  if (explanation === undefined || more.length > 0) {
    const versions = [explanation, ...more].flatMap((e) => (e === undefined ? [] : [e.package.version]));
    throw new SafeInstallError(`${spec} names ${versions.length} versions, and diff compares one with one.`, {
      code: 'EAMBIGUOUS',
      exitCode: EXIT.npm,
      where: spec,
      next: [`Name one of: ${versions.join(', ')}`],
    });
  }
  return explanation;
}
