import { posix } from 'node:path';
import { textOf } from '../package-files.js';
import { sourceOf } from '../source-tables.js';
import { HOLE } from '../task.js';
import { askAddress } from './address-arguments.js';
import { filtered, handleFetched } from './archives.js';
import { CARRIERS } from './carriers.js';
import { FILTERS, printed } from './filter-commands.js';
import { INTERPRETERS, runFile, runInterpreter, startsMatching } from './interpreter-commands.js';
import { setUpByVariable } from './leading-variables.js';
import { foundBy, listedIn, namesIn } from './named-files.js';
import { NETWORK_COMMANDS } from './network-commands.js';
import { commandLine, isPackageManager, ownCommand, runPackageManager, scriptText } from './npm-commands.js';
import type { ShellState } from './state.js';
import { runSystemCommand, SYSTEM_COMMANDS } from './system-commands.js';
import { runToolFiles } from './tool-commands.js';
import { typedAnswer } from './typed-answers.js';
import { concat, constant, EMPTY, isConstant, mergeTaints, type ShellValue, unknown } from './value.js';

/** Words before a command that only change how it is started, and how many arguments of their own they take. */
const PREFIXES: Readonly<Record<string, number>> = {
  sudo: 0,
  doas: 0,
  env: 0,
  nohup: 0,
  time: 0,
  nice: 0,
  disown: 0,
  ionice: 0,
  setsid: 0,
  command: 0,
  builtin: 0,
  exec: 0,
  timeout: 1,
  stdbuf: 0,
  'cross-env': 0,
  'cross-env-shell': 0,
  dotenv: 0,
  call: 0,
  start: 0,
  busybox: 0,
  xargs: 0,
  unbuffer: 0,
  '@': 0,
  proxychains: 0,
  torsocks: 0,
  chroot: 1,
  'run-script-os': 0,
  winpty: 0,
  caffeinate: 0,
  shx: 0,
  rimraf: -1,
};
/** Options of theirs that take the next word; the last row is for those that are not named. */
const PREFIX_VALUE_OPTIONS: Readonly<Record<string, RegExp>> = {
  sudo: /^(?:-[ugpCrtTUDR]|--(?:user|group|prompt|close-from|role|type|command-timeout|other-user|chdir|chroot))$/,
  doas: /^-[uC]$/,
  env: /^(?:-[uC]|--(?:unset|chdir))$/,
  time: /^(?:-[fo]|--(?:format|output))$/,
  nice: /^(?:-n|--adjustment)$/,
  ionice: /^(?:-[cn]|--(?:class|classdata))$/,
  timeout: /^(?:-[ks]|--(?:signal|kill-after))$/,
  stdbuf: /^(?:-[ioe]|--(?:input|output|error))$/,
  dotenv: /^-[ecvp]$/,
  xargs: /^(?:-[aEILnPds]|--(?:arg-file|max-args|max-procs|max-lines|delimiter|replace|max-chars))$/,
  proxychains: /^-f$/,
  caffeinate: /^-[tw]$/,
  exec: /^-a$/,
  command: /^$/,
  nohup: /^$/,
  setsid: /^$/,
  builtin: /^$/,
  start: /^-WorkingDirectory$/i,
  '': /^(?:-u|-n|-c|-k|-s|-S|-I|-P|-L|-d|-E|-g|--user|--signal)$/,
};
const SILENT = new Set(
  'cd : true false test [ [[ exit return set unset shift wait sleep trap local readonly declare typeset export alias pushd popd ulimit umask hash getopts let break continue rem title pause cls setlocal endlocal @echo'.split(
    ' ',
  ),
);

/** A program of the system in a folder that is not known: `$dir/git`. */
const TOOL_SOMEWHERE = new RegExp(`^${HOLE}/(?:s?bin/)?([a-z][\\w.+-]{0,20})$`);

/** Gives one command to what knows it; what it prints is the result. */
export function runCommand(
  words: readonly ShellValue[],
  stdin: ShellValue,
  prefix: Readonly<Record<string, ShellValue>>,
  state: ShellState,
  at: number,
  runText: (text: string) => ShellValue,
): ShellValue {
  const [first, ...args] = words;
  if (first === undefined) return EMPTY;
  const { programTaints, text } = state.task;
  // Behind sudo or env stands another program, which carries what its own word does.
  const head =
    programTaints === undefined || !text.startsWith(first.text) ? first : { ...first, taints: [...programTaints] };
  for (const [name, value] of Object.entries(prefix)) {
    state.setVariable(name, value);
    preloadsOf(name, value, state, at);
  }
  if (!isConstant(head) && (state.writtenAt(head.text) ?? state.downloadedFolder(head.text)) !== undefined) {
    runFile('run', null, head, state, at, false, args);
    return unknown([]);
  }
  if (!isConstant(head)) {
    // A file of the package whose path depends on the platform.
    if (
      head.text.includes('/') &&
      head.taints.every(({ source }) => !source.startsWith('net.')) &&
      startsMatching(head, state)
    )
      return unknown([]);
    const tool = TOOL_SOMEWHERE.exec(head.text)?.[1];
    if (tool !== undefined && head.taints.every(({ source }) => !source.startsWith('net.')))
      return runCommand([constant(tool), ...args], stdin, prefix, state, at, runText);
    // A command whose name is put together at run time.
    state.observe(
      head.taints.some((taint) => taint.source.startsWith('net.')) ? 'code.eval' : 'process.spawn',
      'shell.dynamic',
      [commandLine(words)],
      at,
    );
    return unknown([]);
  }
  const name = programName(head.text);
  // A file of the package is what it is, also where it has the name of a program: build/env.cmd, ./test.
  if (head.text.includes('/') && !/(?:^|\/)\.bin\//.test(head.text) && isOwnFile(head.text, state)) {
    state.observe('process.spawn', `shell.${name}`, [commandLine(words)], at);
    runFile(name, null, head, state, at, false, args);
    return unknown([]);
  }
  if (EARLY.test(name)) runCarried(name, args, stdin, state, at, runText);
  const handled = shellOwn(name, args, stdin, state, at, runText);
  if (handled !== null) return handled;
  if (
    name === 'start' &&
    args.at(-1)?.text === HOLE &&
    args.slice(0, -1).every(({ text }) => /^(?:\/\w+)?$/.test(text))
  ) {
    state.observe('process.spawn', 'shell.start', [commandLine(words)], at);
    return EMPTY;
  }
  if (/^%?[A-Za-z_]\w*=/.test(head.text))
    return args.length === 0 ? EMPTY : runCommand(args, stdin, {}, state, at, runText);
  // `echo "$password" | sudo -S …`: who checks the password gets it, whatever the command is.
  if (name === 'sudo' && stdin.taints.some(({ source }) => source === 'typed.secret'))
    state.observe('process.stdin', 'shell.sudo', [commandLine(words), stdin], at);
  const stripped = stripPrefix(name, args, stdin, state, at);
  if (stripped !== null)
    return stripped.length === 0
      ? ENV_OUTPUT(name, state, at)
      : runCommand(stripped, name === 'xargs' ? EMPTY : stdin, {}, state, at, runText);

  const line = commandLine(words);
  const withInput = { ...line, taints: mergeTaints([...line.taints, ...stdin.taints]) };
  state.observe(
    'process.spawn',
    `shell.${name}`,
    [line],
    at,
    NETWORK_COMMANDS[name] === undefined ? [] : withInput.taints,
  );
  askAddress(name, args, state, at);
  if (!EARLY.test(name)) runCarried(name, args, stdin, state, at, runText);
  runToolFiles(name, args, state, at);
  const interpreter = INTERPRETERS[name];
  if (PATH_COMMANDS[name] !== undefined) {
    const [path] = args.filter(({ text }) => !text.startsWith('-'));
    if (path !== undefined && isConstant(path)) return { ...path, text: PATH_COMMANDS[name](path.text) };
  }
  const path = head.text.includes('/') && !/^(?:\/usr)?\/(?:local\/)?s?bin\//.test(head.text);
  const fetched = state.writtenAt(head.text) !== undefined;
  if ((fetched || (path && !/\.(?:exe)$/.test(head.text))) && interpreter === undefined) {
    if (/(?:^|\/)\.bin\//.test(head.text))
      return runCommand([constant(posix.basename(head.text)), ...args], stdin, {}, state, at, runText);
    runFile(name, null, head, state, at, false, args);
    return unknown([]);
  }
  if (isPackageManager(name)) {
    runPackageManager(name, args, state, at, (started) => {
      runCommand(started, stdin, {}, state, at, runText);
    });
    const script = scriptText(args, state);
    if (script !== null) return state.silently(() => runText(script));
    if (name !== 'bun' || /^(?:run|install|add|x|i)$/.test(args[0]?.text ?? '')) {
      if (name === 'bun' && args[0]?.text === 'run') runBunFile(args, stdin, state, at);
      return outputOf(line, state, at);
    }
  }
  if (name === '.' || name === 'source') defineFrom(args[0], state, runText);
  if (interpreter !== undefined) {
    runInterpreter(name, interpreter, args, stdin, state, at);
    return interpreter === 'shell' ? { text: 'shell-output', taints: [], decoded: true } : unknown([]);
  }
  const network = NETWORK_COMMANDS[name];
  if (network !== undefined) return network(args, stdin, state, at, `shell.${name}`);
  handleFetched(name, args, stdin, state, at);
  if (name === 'brew' && args[0]?.text === '--prefix' && args.every(isConstant))
    return constant(`/opt/homebrew${args[1] === undefined ? '' : `/opt/${args[1].text}`}`);
  if (name === 'mktemp') return constant(`$TMP/mktemp-${at}`);
  if (SYSTEM_COMMANDS.has(name)) return runSystemCommand(name, args, stdin, state, at);
  const program = /awk$/.test(name) ? args[args.findIndex(({ text }) => text === '-f') + 1] : undefined;
  if (program !== undefined && args.some(({ text }) => text === '-f'))
    runFile(name, 'foreign', program, state, at, false);
  if (FILTERS.has(name))
    return filtered(name, args, stdin, concat([stdin, ...filesOf(name, args, stdin, state, at)]), state, at);
  const own = ownCommand(state, name);
  if (own !== null) runFile(name, null, constant(own), state, at, false);
  else if (/\.(?:js|mjs|cjs|sh|py|bat|cmd|ps1|exe|bin|ts)$/i.test(head.text))
    runFile(name, null, head, state, at, false);
  const files = args.filter((arg) => /[~/]/.test(arg.text)).flatMap((arg) => state.readPath(arg, at).taints);
  const output = outputOf(line, state, at);
  // A recorder writes into the file that it is told.
  if (output.taints.some(({ source }) => source === 'input.media'))
    for (const file of args.filter(({ text }) => /\.(?:png|jpe?g|wav|mp[34]|mkv|webm|avi|gif)$/.test(text)))
      state.writePath(file, output, false, at);
  // A program that nobody knows prints what it was given, and what the secret files hold that it was told of.
  return { ...output, taints: mergeTaints([...output.taints, ...stdin.taints, ...files]) };
}

/** What these print of a path. */
const PATH_COMMANDS: Readonly<Record<string, (path: string) => string>> = {
  dirname: posix.dirname,
  basename: (path) => posix.basename(path),
  readlink: (path) => path,
  realpath: (path) => path,
};

/** Names that the shell or a prefix would take first. */
const EARLY = /^(?:trap|env)$/;

/** What the command starts besides itself is read as if it stood there alone. */
function runCarried(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  runText: (text: string) => ShellValue,
): void {
  for (const { words, text, language = 'shell' } of CARRIERS[name]?.(args, stdin) ?? []) {
    if (words !== undefined) runCommand(splitGlued(words), EMPTY, {}, state, at, runText);
    else if (text !== undefined) state.run(language, text, at, `shell.${name}`);
  }
}

const LARGEST_SOURCED = 65_536;

/** What a sourced file of the package sets and defines, the script goes on with; what it does is read with the file itself. */
function defineFrom(file: ShellValue | undefined, state: ShellState, runText: (text: string) => ShellValue): void {
  const path = file === undefined ? null : state.ownFile(file.text);
  const bytes = path === null ? undefined : state.context.files.files.get(path);
  if (path === null || bytes === undefined || bytes.byteLength > LARGEST_SOURCED || state.sourced.has(path)) return;
  state.sourced.add(path);
  state.silently(() => runText(textOf(bytes)));
}

function isOwnFile(path: string, state: ShellState): boolean {
  return state.context.files.files.has(posix.normalize(posix.join(state.cwd === '' ? '.' : state.cwd, path)));
}

/** `tmux new-session -d "curl … | sh"` has its command in one word. */
function splitGlued(words: readonly ShellValue[]): ShellValue[] {
  const [first] = words;
  return words.length === 1 && first !== undefined && /\s/.test(first.text)
    ? [constant('sh'), constant('-c'), first]
    : [...words];
}

function programName(text: string): string {
  const clean = text.replace(/^\\/, '').replace(/^@/, '').replaceAll('\\', '/');
  return clean === '.'
    ? '.'
    : posix
        .basename(clean)
        .replace(/\.(?:exe|cmd)$/i, '')
        .toLowerCase();
}

function holdsFolder(folder: string, state: ShellState): boolean {
  if (folder === '.') return true;
  for (const path of state.context.files.files.keys()) if (path.startsWith(`${folder}/`)) return true;
  return false;
}

/** `command -v python3`, `which node`: prints where a program is, which is as good as its name. */
export function looksUp(name: string, args: readonly ShellValue[]): boolean {
  return name === 'which' || ((name === 'command' || name === 'type') && /^-[vVpP]$/.test(args[0]?.text ?? ''));
}

/** Builtins of the shell itself; null when the command is none of them. */
function shellOwn(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  runText: (text: string) => ShellValue,
): ShellValue | null {
  if (name === 'echo' || name === 'printf') return printed(name, args);
  if (looksUp(name, args)) return args.find(({ text }) => !text.startsWith('-')) ?? EMPTY;
  if (name === 'eval') {
    const text = concat(args, ' ');
    if (isConstant(text)) return runText(text.text);
    state.observe('code.eval', 'shell.eval', [text], at);
    return unknown(text.taints);
  }
  if (name === 'read' || name === 'mapfile') {
    const typed = name === 'read' ? typedAnswer(args, stdin, state, at) : null;
    const taints = typed === null ? stdin.taints : [typed];
    for (const arg of args) {
      const variable = /^([A-Za-z_]\w*)(?:\?|$)/.exec(arg.text)?.[1];
      if (variable !== undefined) state.setVariable(variable, unknown(taints));
    }
    if (typed !== null) state.setVariable('REPLY', unknown(taints));
    return EMPTY;
  }
  if (name === 'cd') {
    const target = args.find((arg) => !arg.text.startsWith('-') && arg.text !== '/d');
    if (target === undefined || /^[~/$]|^[A-Za-z]:/.test(target.text))
      state.outside = target?.text.replace(/\/$/, '') ?? '~';
    else if (state.outside !== null && isConstant(target)) state.outside = posix.join(state.outside, target.text);
    else if (isConstant(target)) {
      const below = posix.normalize(posix.join(state.cwd === '' ? '.' : state.cwd, target.text));
      // `$(cd … && pwd)` is a path from the root.
      const joined =
        holdsFolder(below, state) || !holdsFolder(target.text, state) ? below : posix.normalize(target.text);
      state.cwd = joined === '.' || joined.startsWith('..') ? '' : joined;
    }
    return EMPTY;
  }
  if (name === 'set' && args[0]?.text === '--') {
    state.positional = args.slice(1);
    return EMPTY;
  }
  if (name === 'shift') {
    if (state.positional !== null) state.positional = state.positional.slice(Number(args[0]?.text ?? 1) || 1);
    return EMPTY;
  }
  if (
    name === 'export' ||
    name === 'set' ||
    name === 'declare' ||
    name === 'local' ||
    name === 'readonly' ||
    name === 'setx'
  ) {
    if (args.length === 0 || args.every((arg) => /^-[px]+$/.test(arg.text)))
      return unknown([state.taint('env.all', name, at)]);
    for (const arg of args) {
      const split = /^"?([A-Za-z_]\w*)=([\s\S]*?)"?$/.exec(arg.text);
      if (split !== null) {
        const value = { ...arg, text: split[2] ?? '' };
        state.setVariable(split[1] ?? '', value);
        preloadsOf(split[1] ?? '', value, state, at);
      }
    }
    return EMPTY;
  }
  const own = state.functions.get(name);
  if (own !== undefined) return own(args, stdin);
  return SILENT.has(name) ? EMPTY : null;
}

function stripPrefix(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): ShellValue[] | null {
  const own = PREFIXES[name];
  if (own === undefined || own < 0 || looksUp(name, args)) return null;
  const takesNext = PREFIX_VALUE_OPTIONS[name] ?? (PREFIX_VALUE_OPTIONS[''] as RegExp);
  const rest = [...args];
  while (rest[0] !== undefined) {
    const text = rest[0].text;
    const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
    if (assignment !== null) {
      const value = { ...rest[0], text: assignment[2] ?? '' };
      state.setVariable(assignment[1] ?? '', value);
      preloadsOf(assignment[1] ?? '', value, state, at);
      rest.shift();
    } else if (/^-/.test(text) || (name === 'start' && (/^\/\w+/.test(text) || text === ''))) {
      rest.shift();
      if (takesNext.test(text)) rest.shift();
    } else break;
  }
  rest.splice(0, own);
  // What xargs reads becomes arguments.
  return name === 'xargs' && rest.length > 0 && (stdin.text !== '' || stdin.taints.length > 0)
    ? [...rest, ...namesIn(stdin)]
    : rest;
}

function ENV_OUTPUT(name: string, state: ShellState, at: number): ShellValue {
  return name === 'env' ? unknown([state.taint('env.all', 'env', at)]) : EMPTY;
}

/** NODE_OPTIONS and its relatives make every later program load a file. */
function preloadsOf(name: string, value: ShellValue, state: ShellState, at: number): void {
  setUpByVariable(name, value, state, at);
  if (name === 'NODE_OPTIONS') {
    runInterpreter('node', 'javascript', optionsIn(value), EMPTY, state, at);
  } else if (
    /^(?:BASH_ENV|ENV|PROMPT_COMMAND|PYTHONSTARTUP|LD_PRELOAD|DYLD_INSERT_LIBRARIES)$/.test(name) &&
    value.text !== ''
  ) {
    state.observe('code.require', `shell.${name}`, [value], at);
    if (name !== 'PROMPT_COMMAND') runFile(name, null, value, state, at, true);
  }
}

/** The options of NODE_OPTIONS with their values: what is no option there is what others have put before. */
function optionsIn(value: ShellValue): ShellValue[] {
  const words = [...value.text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+/g)].map(([word]) =>
    word.replace(/"|\\(?=.)/g, ''),
  );
  return words
    .filter((word, index) => word.startsWith('-') || /^--?[a-z-]+$/.test(words[index - 1] ?? ''))
    .map((text) => ({ ...value, text }));
}

function runBunFile(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number): void {
  const file = args[1];
  if (file !== undefined && /[./]/.test(file.text)) runInterpreter('bun', 'javascript', [file], stdin, state, at);
}

function filesOf(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): ShellValue[] {
  const operands = args.filter((arg) => !/^[-+]/.test(arg.text));
  const files =
    /^(?:grep|egrep|fgrep|sed|awk|gawk|jq|tr|find)$/.test(name) && operands.length > 1 ? operands.slice(1) : operands;
  if (name === 'tee') {
    for (const file of operands) state.writePath(file, EMPTY, false, at, 'shell.tee');
    return [];
  }
  if (name === 'tr' || name === 'echo') return [];
  if (name === 'find') return foundBy(args).map((path) => state.readPath(path, at));
  const folder = name === 'tar' ? folderOf(args) : '';
  return [...files, ...listedIn(name, args, stdin, state, at)].map((file) =>
    file.text === '-'
      ? EMPTY
      : state.readPath(
          { ...file, text: /^[~/$]/.test(file.text) ? file.text : `${folder}${file.text.replace(/^if=/, '')}` },
          at,
        ),
  );
}

/** `tar -C ~ … .ssh` takes names from there. */
function folderOf(args: readonly ShellValue[]): string {
  const at = args.findIndex(({ text }) => text === '-C' || text === '--directory');
  const folder = at < 0 ? args.find(({ text }) => /^(?:-C|--directory=)./.test(text)) : args[at + 1];
  return folder === undefined ? '' : `${folder.text.replace(/^(?:-C|--directory=)|\/$/g, '')}/`;
}

/** Standard output of a tool that prints secrets or identity. */
function outputOf(line: ShellValue, state: ShellState, at: number): ShellValue {
  const source = sourceOf(state.context.tables.commands, line.text);
  return source === null ? unknown([]) : unknown([state.taint(source, line.text.slice(0, 120), at)]);
}

/** Output of a system command by the same table. */
export { outputOf };
