import type { Command } from './command.js';
import { processForScan, threadsForInstall } from './early-threads.js';

/** A row of the command table: enough for `help` and for finding the command without loading it. */
export interface CommandEntry {
  name: string;
  aliases: string[];
  /** One line for `safe-install help`. */
  summary: string;
  load: () => Promise<{ command: Command }>;
  /** Begins what takes long and needs neither the command nor configuration; given the words as they were typed. */
  early?: (words: readonly string[]) => Promise<void>;
}

/** Every command, in the order of `help`. A new one is one file `src/cli/<name>.ts` and one line here. */
export const COMMANDS: CommandEntry[] = [
  entry(
    'install',
    ['i', 'add', 'in'],
    'Install, as npm install does, after every tarball was read',
    () => import('./install.js'),
  ),
  {
    ...entry('ci', ['clean-install', 'ic'], 'Install exactly what the lock file says', () => import('./ci.js')),
    early: threadsForInstall,
  },
  entry(
    'update',
    ['up', 'upgrade'],
    'Update packages to the newest version their range allows',
    () => import('./update.js'),
  ),
  entry('uninstall', ['rm', 'remove', 'un', 'unlink', 'r'], 'Remove packages', () => import('./uninstall.js')),
  {
    ...entry('scan', [], 'Read packages without installing them', () => import('./scan.js')),
    early: processForScan,
  },
  entry('explain', ['why'], 'Tell the story of one package', () => import('./explain.js')),
  entry('approve', [], 'Approve the install scripts of a package, these bytes only', () => import('./approve.js')),
  entry('deny', [], 'Never run the install scripts of a package', () => import('./deny.js')),
  entry('approvals', [], 'List what is approved and denied here', () => import('./approvals.js')),
  entry('grant', [], 'Give the scripts of a package more than the default', () => import('./grant.js')),
  entry('learn', [], 'Find out what the scripts of a package need, and propose the grant', () => import('./learn.js')),
  entry('policy', [], 'Print the policy that holds, or its schema', () => import('./policy.js')),
  entry('doctor', [], 'Look at this machine and test the sandbox', () => import('./doctor.js')),
  entry('sandbox', [], 'Run a command in the sandbox', () => import('./sandbox.js')),
  entry('diff', [], 'Compare what two versions of a package can do', () => import('./diff.js')),
  entry('cache', [], 'Look at, verify, prune or share stored verdicts and packages', () => import('./cache.js')),
  entry('rules', [], 'Check rules of your own', () => import('./rules.js')),
  entry('help', [], 'Show help for a command', () => import('./help.js')),
];

/** Finds the row of a command by its name or an alias. */
export function findEntry(word: string): CommandEntry | undefined {
  return COMMANDS.find(({ name, aliases }) => name === word || aliases.includes(word));
}

function entry(name: string, aliases: string[], summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, aliases, summary, load };
}
