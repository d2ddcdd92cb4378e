import type { Command } from './command.js';
import { findEntry } from './command-table.js';
import { usageError } from './flags.js';
import { commandHelp, overview } from './help-text.js';

export const command: Command = {
  usage: ['help [command]'],
  flags: {},
  details: [],
  async tell([word]) {
    if (word === undefined) return overview();
    const entry = findEntry(word);
    if (entry === undefined) throw usageError(`There is no command ${word}.`, word, ['Run: safe-install help']);
    return commandHelp(entry, (await entry.load()).command);
  },
};
