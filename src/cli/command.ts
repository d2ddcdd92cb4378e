import type { NpmConfig } from '../config/index.js';
import type { FlagSpec, FlagValues } from './flags.js';
import type { Terminal } from './terminal.js';

/** What a command gets to work with: parsed input and doors to the outside, nothing global. */
export interface CommandContext {
  /** Positional arguments after the command's name, as typed. */
  args: string[];
  /** Arguments after `--`, untouched; null where there was no `--`. */
  rest: string[] | null;
  /** safe-install's own flags: the command's and the global ones. */
  flags: FlagValues;
  cwd: string;
  /** npm's configuration: argv, environment and .npmrc files. */
  npm: NpmConfig;
  /** SAFE_INSTALL_HOME: caches, audit log, quarantine. */
  stateDir: string;
  terminal: Terminal;
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
}

/** What `help <command>` tells of a command, and the flags it takes. */
export interface CommandWords {
  /** Usage lines after `safe-install `, e.g. `scan <folder|tarball|spec…>`. */
  usage: string[];
  /** Own flags besides the global ones; they never reach npm's parser. */
  flags: Record<string, FlagSpec>;
  /** Paragraphs below the flags in `help <command>`. */
  details: string[];
}

/** A command that does something. */
export interface WorkingCommand extends CommandWords {
  /** Resolves to the exit code; throws SafeInstallError for what a person must be told. Rooms are imported in here, dynamically. */
  run(context: CommandContext): Promise<number>;
}

/** A command that only tells something: no configuration is loaded for it. */
export interface TellingCommand extends CommandWords {
  /** What it prints; given the words after its name that are no flags. */
  tell(words: string[]): Promise<string>;
}

/** One command of the command line: one file `src/cli/<name>.ts` that exports `command`, one line in command-table.ts. */
export type Command = WorkingCommand | TellingCommand;
