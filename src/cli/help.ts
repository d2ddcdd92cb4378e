import { EXIT } from '../errors.js';
import type { Command } from './command.js';
import { findEntry } from './command-table.js';
import { usageError } from './flags.js';
import { commandHelp, overview } from './help-text.js';

export const command: Command = {
  usage: ['help [command]'],
  flags: {},
  details: [],
  async run({ args, terminal }) {
    const [word] = args;
    if (word === undefined) {
      terminal.out(overview());
      return EXIT.ok;
    }
    const entry = findEntry(word);
    if (entry === undefined) throw usageError(`There is no command ${word}.`, word, ['Run: safe-install help']);
    terminal.out(commandHelp(entry, (await entry.load()).command));
    return EXIT.ok;
  },
};
