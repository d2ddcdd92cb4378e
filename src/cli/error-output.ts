import { EXIT, SafeInstallError } from '../errors.js';
import { errorLines, safeJson, visibleLines } from '../report/index.js';
import type { Terminal } from './terminal.js';

/** What an error says to a person: code, what happened, where, what to do next. */
export interface ErrorText {
  code: string;
  exitCode: number;
  message: string;
  where: string | null;
  next: string[];
}

/** Prints an error on stderr (and as JSON on stdout for `--json`) and gives the exit code. A stack only with --verbose. */
export function printError(error: unknown, terminal: Terminal, argv: string[]): number {
  const text = describeError(error);
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const look = { color: terminal.color.err, columns: terminal.columns };
  terminal.err(`${errorLines(text, look).join('\n')}\n`);
  if (own.some((word) => word === '--verbose' || word === '-dd' || word === '-ddd') && error instanceof Error) {
    terminal.err(`${visibleLines(error.stack ?? '')}\n`);
  }
  if (own.includes('--json')) {
    const { exitCode, ...rest } = text;
    terminal.out(safeJson({ schema: 1, exitCode, error: rest }));
  }
  return text.exitCode;
}

/** Turns anything thrown into what a person should read: our errors as they are, npm's with its codes explained. */
export function describeError(error: unknown): ErrorText {
  if (error instanceof SafeInstallError) {
    return {
      code: error.code,
      exitCode: error.exitCode,
      message: error.message,
      where: error.where ?? null,
      next: error.next,
    };
  }
  const { code, message, path } = foreign(error);
  return { code, exitCode: EXIT.npm, message, where: path, next: adviceFor(code) };
}

function foreign(error: unknown): { code: string; message: string; path: string | null } {
  if (!(error instanceof Error)) return { code: 'EUNKNOWN', message: String(error), path: null };
  const fields = error as Error & { code?: unknown; path?: unknown };
  return {
    code: typeof fields.code === 'string' ? fields.code : 'EUNKNOWN',
    message: error.message,
    path: typeof fields.path === 'string' ? fields.path : null,
  };
}

const ADVICE: Record<string, string[]> = {
  ENOTFOUND: ['Check the network, the proxy and `npm config get registry`; with a filled cache --offline works.'],
  ECONNREFUSED: ['Check that the registry runs and `npm config get registry` names it.'],
  ECONNRESET: ['Check the network and the proxy, then try again.'],
  ETIMEDOUT: ['Check the network and the proxy, then try again.'],
  ENOSPC: ['Free some disk space: `safe-install cache prune` empties what can be fetched again.'],
  EACCES: ['Check who owns the folder; safe-install needs to write where npm does.'],
  EINTEGRITY: [
    'What the registry sent is not what the lock file pins. Do not remove the lock file before you know why.',
  ],
  E401: ['Log in: `npm login`, or set the registry’s token in your .npmrc.'],
  E403: ['The registry refuses: check your token’s rights.'],
  E404: ['Check the name and, for a private package, the registry of its scope in .npmrc.'],
};

function adviceFor(code: string): string[] {
  return ADVICE[code] ?? (code === 'EUNKNOWN' ? ['Run again with --verbose for the stack trace.'] : []);
}
