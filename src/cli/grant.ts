import { EXIT, SafeInstallError } from '../errors.js';
import type { Command } from './command.js';
import { usageError } from './flags.js';
import { GRANT_FLAGS, givenGrant } from './grant-flags.js';
import type { Terminal } from './terminal.js';

export const command: Command = {
  usage: ['grant <name>', 'grant <name[@version]> [--host <host>] [--write <folder>] [--read <path>] [--env <name>]'],
  flags: {
    ...GRANT_FLAGS,
    'dry-run': { type: 'boolean', summary: 'Show the change of the policy file without writing it' },
  },
  details: [
    'Without flags it grants the bundled profile of the package (`sandbox.profiles` in the policy file); with flags it grants',
    'what they name (`grants`). The change is shown before it is written. It holds for everybody who uses the policy file.',
  ],
  async run({ args, flags, terminal, npm }) {
    const [name, ...more] = args;
    if (name === undefined || more.length > 0)
      throw usageError('Name one package: safe-install grant <name>', more[0] ?? 'grant');
    if (npm.global) throw usageError('grant works on a project: it edits its policy file.', '--global');
    const given = givenGrant(flags);
    const { addToPolicy } = await import('../config/policy/index.js');
    const additions =
      given === null
        ? [{ path: ['sandbox', 'profiles'], values: [await profileName(name, terminal)] }]
        : Object.entries(given).map(([key, values]) => ({ path: ['grants', name, key], values: values as string[] }));
    const edit = addToPolicy(npm.localPrefix, additions);
    const { safeJson, visible } = await import('../report/index.js');
    if (!flags.boolean('dry-run') && edit.after !== edit.before) await edit.save();
    if (flags.boolean('json')) terminal.out(safeJson({ schema: 1, ...edit, save: undefined }));
    else {
      terminal.out(`${visible(edit.file)}${edit.after === edit.before ? ': nothing to change' : ''}\n`);
      for (const line of changedLines(edit.before, edit.after)) terminal.out(`${visible(line)}\n`);
    }
    return EXIT.ok;
  },
};

async function profileName(name: string, terminal: Terminal): Promise<string> {
  const { loadProfiles, profilesNamed, wants } = await import('../sandbox/profiles/index.js');
  const known = loadProfiles().some((profile) => profile.name === name || profile.packages.includes(name));
  if (!known) {
    throw new SafeInstallError(`There is no profile for ${name}.`, {
      code: 'ENOPROFILE',
      exitCode: EXIT.npm,
      where: name,
      next: [`Say what its scripts need: safe-install grant ${name} --host <host>`],
    });
  }
  const [profile] = profilesNamed([name]);
  terminal.err(`profile ${profile!.name}: ${wants(profile!)}\n`);
  return profile!.name;
}

/** The lines that differ, with `-` and `+`: common lines at start and end are left out. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middle = (lines: string[]) => lines.slice(start, lines.length - end);
  return [...middle(old).map((line) => `- ${line}`), ...middle(now).map((line) => `+ ${line}`)];
}
