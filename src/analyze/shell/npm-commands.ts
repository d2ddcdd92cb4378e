import { scriptTask } from '../entry-points/index.js';
import { INTERPRETERS, runFile } from './interpreter-commands.js';
import type { ShellState } from './state.js';
import { TOOL_FILES } from './tool-files.js';
import { concat, type ShellValue } from './value.js';

const RUNNERS = new Set(['run-s', 'run-p', 'npm-run-all', 'npm-run-all2', 'concurrently', 'conc', 'npm-run']);
const MANAGERS = new Set(['npm', 'yarn', 'pnpm', 'bun', 'cnpm', 'npm.cmd']);
const LIFECYCLE_ALIASES: Readonly<Record<string, string>> = {
  t: 'test',
  tst: 'test',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  test: 'test',
};

/** True for commands of package managers that this file understands. */
export function isPackageManager(name: string): boolean {
  return (
    MANAGERS.has(name) ||
    RUNNERS.has(name) ||
    name === 'npx' ||
    name === 'pnpx' ||
    name === 'bunx' ||
    name === 'yarnpkg'
  );
}

/** `npm run x` leads to that script; `npm i URL`, `npx URL` are remote code; all of them are spawn observations. */
export function runPackageManager(
  name: string,
  args: readonly ShellValue[],
  state: ShellState,
  at: number,
  runWords: (words: readonly ShellValue[]) => void,
): void {
  const words = args.filter((arg) => !arg.text.startsWith('-'));
  if (RUNNERS.has(name)) {
    runSeveral(words, state, at);
    return;
  }
  const verb = words[0]?.text ?? '';
  const rest = words.slice(1);
  if (/^(?:run|run-script|rum|urn)$/.test(verb)) {
    runScript(rest[0], state);
    return;
  }
  const alias = LIFECYCLE_ALIASES[verb];
  if (alias !== undefined && state.context.manifest.scripts[alias] !== undefined) {
    runScript({ text: alias, taints: [], decoded: false }, state);
    return;
  }
  const executes = name === 'npx' || name === 'pnpx' || name === 'bunx' || /^(?:exec|x|dlx|create|init)$/.test(verb);
  const installs = /^(?:i|in|ins|install|add|ci|isntall|link|ln)$/.test(verb);
  if (executes || installs) {
    const specs = packageSpecs(name, verb, args, executes);
    for (const spec of specs) {
      if (isRemoteSpec(spec.text))
        state.observe(
          executes ? 'code.require' : 'process.spawn',
          `shell.${name} ${executes ? 'exec' : 'install'} url`,
          [spec],
          at,
        );
    }
    const call = args.find((_arg, index) => /^(?:-c|--call)$/.test(args[index - 1]?.text ?? ''));
    if (call !== undefined) state.run('shell', call, at, `shell.${name} exec`);
    const [versioned, ...given] = executes ? executedCommand(name, verb, args) : [];
    const program =
      versioned === undefined ? undefined : { ...versioned, text: versioned.text.replace(/(?<=.)@[^@/]*$/, '') };
    if (
      program !== undefined &&
      (INTERPRETERS[program.text] !== undefined || TOOL_FILES[program.text] !== undefined || RUNNERS.has(program.text))
    )
      runWords([program, ...given]);
    const own = executes ? specs[0]?.text : undefined;
    const command = own === undefined ? null : ownCommand(state, own);
    if (command !== null) runFile(name, null, { text: command, taints: [], decoded: false }, state, at, false);
    return;
  }
  if ((name === 'yarn' || name === 'pnpm' || name === 'bun') && state.context.manifest.scripts[verb] !== undefined) {
    runScript(words[0], state);
  }
}

/** `run-s a b:*`, `concurrently "npm:a" "cmd"`: scripts of the manifest by name or pattern, else commands. */
function runSeveral(words: readonly ShellValue[], state: ShellState, at: number): void {
  const names = Object.keys(state.context.manifest.scripts);
  for (const word of words) {
    const wanted = word.text.replace(/^(?:npm|yarn|pnpm|bun|node):/, '').split(/\s/)[0] ?? '';
    const pattern = new RegExp(
      `^${wanted
        .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
        .replaceAll('**', '.+')
        .replaceAll('*', '[^:]+')}$`,
    );
    const found = names.filter((name) => pattern.test(name));
    for (const name of found) runScript({ ...word, text: name }, state);
    if (found.length === 0 && /\s/.test(word.text)) state.run('shell', word, at, 'shell.concurrently');
  }
}

function runScript(name: ShellValue | undefined, state: ShellState): void {
  if (name === undefined) return;
  const { manifest } = state.context;
  const { entry, depth } = state.task;
  for (const event of [`pre${name.text}`, name.text, `post${name.text}`]) {
    const text = manifest.scripts[event];
    // A script that calls itself is read once: the worklist knows what it has seen.
    if (text !== undefined && depth < 12)
      state.next(
        scriptTask(state.context, event, text, { ...entry, via: `${entry.via} › ${event}`.slice(0, 200) }, depth + 1),
      );
  }
}

/** The text of the script whose output `npm run -s x` prints; null for other commands, and for scripts that start one another. */
export function scriptText(args: readonly ShellValue[], state: ShellState): string | null {
  const [verb, name] = args.filter((arg) => !arg.text.startsWith('-'));
  if (name === undefined || !/^(?:run|run-script)$/.test(verb?.text ?? '')) return null;
  const text = state.context.manifest.scripts[name.text];
  return text === undefined || /\brun(?:-script)?\s/.test(text) ? null : text;
}

function packageSpecs(name: string, verb: string, args: readonly ShellValue[], executes: boolean): ShellValue[] {
  const named = args.flatMap((arg, index) => {
    const before = args[index - 1]?.text ?? '';
    const glued = /^--package=(.+)$/.exec(arg.text)?.[1];
    return glued !== undefined ? [{ ...arg, text: glued }] : /^(?:-p|--package)$/.test(before) ? [arg] : [];
  });
  const operands = args.filter((arg) => !arg.text.startsWith('-') && arg.text !== verb);
  const first =
    name === 'npx' || name === 'pnpx' || name === 'bunx' ? args.filter((arg) => !arg.text.startsWith('-')) : operands;
  return [...named, ...(executes ? first.slice(0, 1) : first)];
}

/** A spec that brings code from elsewhere than the registry. */
export function isRemoteSpec(spec: string): boolean {
  return (
    /^(?:https?|git|git\+\w+|ssh):|^(?:github|gitlab|bitbucket|gist):|^[\w-]+\/[\w.-]+(?:#.*)?$|^git@/.test(spec) &&
    !spec.startsWith('./') &&
    !spec.startsWith('@')
  );
}

function ownBin(state: ShellState, name: string): string | null {
  const { bin, name: own } = state.context.manifest;
  if (typeof bin === 'string') return name === own.replace(/^@[^/]+\//, '') ? bin : null;
  if (typeof bin !== 'object' || bin === null) return null;
  const target = Object.entries(bin).find(([key]) => key === name)?.[1];
  return typeof target === 'string' ? target : null;
}

/**
 * Path of the package's own command of that name, if it has one. What it does is told of the command: a hook that calls it may ask for any
 * small part of a large program.
 */
export function ownCommand(state: ShellState, name: string): string | null {
  return state.task.entry.phase === 'metadata' ? null : ownBin(state, name);
}

/** The whole command line as one value. */
export function commandLine(words: readonly ShellValue[]): ShellValue {
  const line = concat(words, ' ');
  if (!line.decoded || !FETCHES.test(words[0]?.text ?? '')) return line;
  // Where a download is put says nothing of what it is.
  const said = words.filter((_, index) => index === 0 || !PUTS_AT.test(words[index - 1]?.text ?? ''));
  return { ...line, decoded: said.some((word) => word.decoded) };
}

const FETCHES = /(?:^|\/)(?:curl|wget|aria2c)(?:\.exe)?$/;
const PUTS_AT = /^(?:-[a-zA-Z]*[oOP]|--output|--output-document|--output-dir|--directory-prefix|--dir)$/;

/** What `npx tsx F` or `npm exec -- tsx F` starts, from the program's name on. */
function executedCommand(name: string, verb: string, args: readonly ShellValue[]): ShellValue[] {
  const direct = name === 'npx' || name === 'pnpx' || name === 'bunx';
  const from = direct ? 0 : args.findIndex((arg) => arg.text === verb) + 1;
  for (let index = from; index < args.length; index += 1) {
    const text = args[index]?.text ?? '';
    if (/^(?:-p|--package|-c|--call)$/.test(text)) index += 1;
    else if (!text.startsWith('-')) return args.slice(index);
  }
  return [];
}
