import { COMMANDS, type CommandEntry, findEntry } from './command-table.js';
import { GLOBAL_FLAGS, usageError } from './flags.js';

/** The command that a command line names, and where its name stands (-1: none, so it is `install`). */
export interface FoundCommand {
  entry: CommandEntry;
  index: number;
}

/**
 * Finds the command's name: the first word that is neither a flag nor a flag's value. A first word that is no command is
 * a package to install, unless it is a command of npm's, or a slip of a command's name: `safe-install instal` must not fetch
 * a package "instal".
 */
export async function findCommand(argv: string[]): Promise<FoundCommand> {
  const index = await firstWord(argv);
  const install = findEntry('install')!;
  if (index === -1) return { entry: install, index };
  const word = argv[index]!;
  const entry = findEntry(word);
  if (entry !== undefined) return { entry, index };
  if (NPM_ONLY.has(word)) {
    throw usageError(`${word} is a command of npm that safe-install does not guard.`, word, [
      `Run: npm ${word}`,
      `To install the package ${word}: safe-install install ${word}`,
    ]);
  }
  const meant = COMMANDS.find(({ name }) => isSlip(word, name));
  if (meant !== undefined) {
    throw usageError(`Unknown command ${word}.`, word, [
      `Did you mean: safe-install ${meant.name}`,
      `To install the package ${word}: safe-install install ${word}`,
    ]);
  }
  return { entry: install, index: -1 };
}

// npm's commands that install nothing here: `safe-install run build` must not fetch packages "run" and "build"
const NPM_ONLY = new Set(
  (
    'access adduser audit bugs cit completion config create dedupe ddp deprecate dist-tag docs edit exec explore find-dupes fund get ' +
    'hook info init install-ci-test install-test it la link list ll ln login logout ls org outdated owner pack ping pkg prefix ' +
    'profile prune publish query rb rebuild repo restart root run run-script sbom search set show shrinkwrap star stars start stop ' +
    't team test token tst undeprecate unpublish unstar version view whoami x'
  ).split(' '),
);

async function firstWord(argv: string[]): Promise<number> {
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i]!;
    if (token === '--') return -1;
    if (!token.startsWith('-') || token === '-') return i;
    if (!token.includes('=') && (await takesValue(token.replace(/^-+/, '')))) i++;
  }
  return -1;
}

async function takesValue(flag: string): Promise<boolean> {
  const own = Object.hasOwn(GLOBAL_FLAGS, flag) ? GLOBAL_FLAGS[flag] : undefined;
  if (own !== undefined) return own.type !== 'boolean';
  const { flagTakesValue } = await import('../config/npm-flags.js');
  return flagTakesValue(flag);
}

/** One letter too many or too few, or two neighbours swapped. A replaced letter does not count: grunt is not grant. */
export function isSlip(typed: string, name: string): boolean {
  if (typed.length < 4 || Math.abs(typed.length - name.length) > 1) return false;
  if (typed.length === name.length) {
    const at = [...typed].findIndex((letter, i) => letter !== name[i]);
    return at !== -1 && typed === name.slice(0, at) + (name[at + 1] ?? '') + name[at] + name.slice(at + 2);
  }
  const [short, long] = typed.length < name.length ? [typed, name] : [name, typed];
  return [...long].some((_, i) => long.slice(0, i) + long.slice(i + 1) === short);
}
