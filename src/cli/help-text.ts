import type { Command } from './command.js';
import { COMMANDS, type CommandEntry } from './command-table.js';
import { type FlagSpec, GLOBAL_FLAGS } from './flags.js';

/** Text of `safe-install --help`. */
export function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'safe-install reads every package before it is written and runs every install script in a sandbox.',
    '',
    'Usage: safe-install [command] [flags]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Without a command it installs. npm’s own flags and .npmrc files mean what they mean to npm.',
    'More on one: safe-install help <command>',
    '',
    'Exit codes: 0 ok · 1 npm’s own error · 10 blocked · 11 needs review · 12 sandbox violation ·',
    '13 no sandbox available · 14 configuration invalid; a failed script keeps its own code.',
    '',
  ].join('\n');
}

/** Text of `safe-install help <command>`. */
export function commandHelp(entry: CommandEntry, command: Command): string {
  const lines = [
    `${entry.summary}.`,
    '',
    ...command.usage.map((usage, i) => `${i === 0 ? 'Usage:' : '      '} safe-install ${usage}`),
  ];
  if (entry.aliases.length > 0) lines.push('', `Aliases: ${entry.aliases.join(', ')}`);
  const own = Object.entries(command.flags);
  if (own.length > 0) lines.push('', 'Flags:', ...flagLines(own));
  lines.push('', 'Flags of every command:', ...flagLines(Object.entries(GLOBAL_FLAGS)));
  for (const paragraph of command.details) lines.push('', paragraph);
  return `${lines.join('\n')}\n`;
}

function flagLines(flags: [string, FlagSpec][]): string[] {
  const heads = flags.map(
    ([name, { value, type }]) => `--${name}${type === 'boolean' ? '' : ` ${value ?? '<value>'}`}`,
  );
  const width = Math.max(...heads.map((head) => head.length));
  return flags.map(([, { summary }], i) => `  ${heads[i]!.padEnd(width)}  ${summary}`);
}
