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

/** One command of the command line: one file `src/cli/<name>.ts` that exports `command`, one line in command-table.ts. */
export interface Command {
  /** Usage lines after `safe-install `, e.g. `scan <folder|tarball|spec…>`. */
  usage: string[];
  /** Own flags besides the global ones; they never reach npm's parser. */
  flags: Record<string, FlagSpec>;
  /** Paragraphs below the flags in `help <command>`. */
  details: string[];
  /** Begins what takes long and needs no configuration, e.g. the start of a worker; given the words as they were typed. */
  early?(argv: readonly string[]): Promise<void>;
  /** Resolves to the exit code; throws SafeInstallError for what a person must be told. Rooms are imported in here, dynamically. */
  run(context: CommandContext): Promise<number>;
}
