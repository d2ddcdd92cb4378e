import leven from 'leven';
import { EXIT, SafeInstallError } from '../errors.js';

/** One of safe-install's own flags. */
export interface FlagSpec {
  /** `boolean` takes no value, `string` one, `strings` may be given several times. */
  type: 'boolean' | 'string' | 'strings';
  /** Placeholder of the value in help, e.g. `<file>`. */
  value?: string;
  summary: string;
}

/** Flags that every command has. */
export const GLOBAL_FLAGS: Record<string, FlagSpec> = {
  policy: { type: 'string', value: '<file>', summary: 'Policy file to use instead of the one found in the project' },
  json: { type: 'boolean', summary: 'Print one JSON object on stdout, everything else on stderr' },
  help: { type: 'boolean', summary: 'Show help' },
  version: { type: 'boolean', summary: 'Print the version of safe-install' },
};

/** Values of own flags, read by the type they were declared with. */
export interface FlagValues {
  boolean(name: string): boolean;
  string(name: string): string | undefined;
  strings(name: string): string[];
}

/** The command line after safe-install's own flags were taken out. */
export interface SplitArguments {
  flags: FlagValues;
  /** What npm's parser gets: its flags and the positional arguments, without `--` and what follows it. */
  npmArgv: string[];
  rest: string[] | null;
}

const SHORT: Record<string, string> = { '-h': '--help', '-?': '--help', '-v': '--version' };

/** Takes safe-install's own flags out of the command line, so that they never reach npm's parser. */
export function splitFlags(argv: string[], specs: Record<string, FlagSpec>): SplitArguments {
  const values = new Map<string, (string | boolean)[]>();
  const npmArgv: string[] = [];
  let rest: string[] | null = null;
  for (let i = 0; i < argv.length; i++) {
    const token = SHORT[argv[i]!] ?? argv[i]!;
    if (token === '--') {
      rest = argv.slice(i + 1);
      break;
    }
    const flag = ownFlag(token, specs);
    if (flag === null) {
      npmArgv.push(token);
      continue;
    }
    const value = flag.spec.type === 'boolean' ? booleanValue(flag) : (flag.inline ?? argv[++i]);
    if (value === undefined || (typeof value === 'string' && flag.inline === undefined && /^--?[a-z]/.test(value))) {
      throw usageError(
        `--${flag.name} needs a value: --${flag.name} ${flag.spec.value ?? '<value>'}`,
        `--${flag.name}`,
      );
    }
    values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
  }
  return { flags: flagValues(values), npmArgv, rest };
}

/** An error in what was typed; exit code 1, as npm's own. */
export function usageError(message: string, where: string, next: string[] = []): SafeInstallError {
  return new SafeInstallError(message, { code: 'EUSAGE', exitCode: EXIT.npm, where, next });
}

/** Refuses a flag that neither safe-install nor npm has, naming the nearest one there is. */
export function unknownFlagError(flag: string, known: string[]): SafeInstallError {
  const typed = flag.replace(/^-+/, '').replace(/=.*/, '');
  const nearest = known
    .map((name) => ({ name, distance: leven(typed, name) }))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name, 'en'))[0];
  const near = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(typed.length / 3));
  return new SafeInstallError(`Unknown flag --${typed}.`, {
    code: 'EUNKNOWNFLAG',
    exitCode: EXIT.npm,
    where: `--${typed}`,
    next: [near ? `Did you mean --${nearest.name}?` : 'Run: safe-install help <command>'],
  });
}

interface OwnFlag {
  name: string;
  spec: FlagSpec;
  inline: string | undefined;
  negated: boolean;
}

function ownFlag(token: string, specs: Record<string, FlagSpec>): OwnFlag | null {
  const match = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(token);
  if (match === null) return null;
  const [, typed, inline] = match as unknown as [string, string, string | undefined];
  if (Object.hasOwn(specs, typed)) return { name: typed, spec: specs[typed]!, inline, negated: false };
  const positive = typed.replace(/^no-/, '');
  const spec = Object.hasOwn(specs, positive) ? specs[positive]! : undefined;
  return spec?.type === 'boolean' ? { name: positive, spec, inline, negated: true } : null;
}

function booleanValue({ name, inline, negated }: OwnFlag): boolean {
  if (inline === undefined) return !negated;
  if (inline !== 'true' && inline !== 'false') {
    throw usageError(`--${name} takes no value, or true or false; it was given ${inline}.`, `--${name}`);
  }
  return (inline === 'true') !== negated;
}

function flagValues(values: Map<string, (string | boolean)[]>): FlagValues {
  const last = (name: string) => values.get(name)?.at(-1);
  return {
    boolean: (name) => last(name) === true,
    string: (name) => {
      const value = last(name);
      return typeof value === 'string' ? value : undefined;
    },
    strings: (name) => (values.get(name) ?? []).filter((value) => typeof value === 'string'),
  };
}
