import { posix } from 'node:path';
import { resolveFile } from '../entry-points/index.js';
import { textOf } from '../package-files.js';
import { sourceOf } from '../source-tables.js';
import { HOLE, type MakeCall } from '../task.js';
import { listedByGit } from './named-files.js';
import { optionValue, parseArguments } from './options.js';
import type { ShellState } from './state.js';
import { concat, constant, EMPTY, isConstant, type ShellValue, unknown } from './value.js';

/** Commands that change or tell about the machine. */
export const SYSTEM_COMMANDS = new Set(
  (
    'rm rmdir unlink shred wipe del erase rd format mkfs srm cp mv ln install rename copy move xcopy chmod chown chattr attrib icacls mkdir touch truncate ' +
    'crontab at systemctl service launchctl schtasks reg update-rc.d useradd usermod passwd visudo loginctl ' +
    'whoami id uname hostname ifconfig ipconfig ip arch lsb_release sw_vers systeminfo pwd ps w who last netstat ss df mount lscpu printenv env getprop locale ' +
    'kill killall pkill taskkill shutdown reboot halt poweroff ' +
    'make gmake cmake cmake-js node-gyp node-gyp-build prebuild-install node-pre-gyp gyp ninja ./configure cc gcc g++ clang ' +
    'patch patch-package pbpaste xclip xsel wl-paste security secret-tool gh git gcloud aws az kubectl vault op pass docker npm-token date'
  ).split(' '),
);

/** Runs a command of the system: deletions, writes and modes are observations, printed secrets are taints. */
export function runSystemCommand(
  name: string,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): ShellValue {
  const api = `shell.${name}`;
  const operands = args.filter((arg) => !/^-/.test(arg.text) && !/^\/[a-z]$/i.test(arg.text));
  const line = concat([{ text: name, taints: [], decoded: false }, ...args], ' ');
  if (/^(?:rm|rmdir|unlink|shred|wipe|del|erase|rd|srm|format|mkfs.*)$/.test(name)) {
    for (const target of operands) state.observe('fs.delete', api, [target, line], at);
    return EMPTY;
  }
  if (/^(?:cp|mv|ln|install|copy|move|xcopy|rename)$/.test(name)) {
    copy(name, operands, state, at, api);
    return EMPTY;
  }
  if (/^(?:chmod|chown|attrib|icacls|chattr)$/.test(name)) {
    state.observe('fs.mode', api, operands.length > 1 ? [operands[operands.length - 1] ?? EMPTY, line] : [line], at);
    return EMPTY;
  }
  if (name === 'touch' || name === 'truncate' || name === 'mkdir') {
    if (name !== 'mkdir') for (const target of operands) state.observe('fs.write', api, [target], at);
    return EMPTY;
  }
  if (name === 'crontab' && (operands.length > 0 || stdin.text !== '')) {
    const content = operands[0] === undefined || operands[0].text === '-' ? stdin : state.readPath(operands[0], at);
    state.observe('fs.write', api, [{ text: 'crontab', taints: [], decoded: false }, content], at);
    return EMPTY;
  }
  if (name === 'printenv' && operands[0] !== undefined) return state.env(operands[0].text, at);
  if (name === 'printenv' || name === 'env') return unknown([state.taint('env.all', name, at)]);
  if (name === 'pwd')
    return {
      text: state.outside ?? (state.cwd === '' ? '.' : state.cwd),
      taints: [state.taint('identity.host', 'pwd', at)],
      decoded: false,
    };
  if (/^(?:kill|killall|pkill|taskkill|shutdown|reboot|halt|poweroff)$/.test(name)) {
    state.observe('process.kill', api, [line], at);
    return EMPTY;
  }
  if (/^(?:make|gmake|cmake|cmake-js|node-gyp|node-gyp-build|prebuild-install|node-pre-gyp|gyp)$/.test(name)) {
    build(name, args, state, at, api);
    return unknown([]);
  }
  if (name === 'git' && args[0]?.text === 'clone') clone(operands, state, at, api);
  if (name === 'git' && args[0]?.text === 'ls-files')
    return concat(
      listedByGit(args).map((path) => state.readPath(path, at)),
      ' ',
    );
  if (name === 'git') gitHooks(line.text, state);
  const folder = name === 'git' ? folderOfGit(line.text) : null;
  if (folder !== null) return { text: folder, taints: [], decoded: false };
  if (name === 'patch' || (name === 'git' && args[0]?.text === 'apply')) applied(args, stdin, state, at, api);
  if (name === 'git' && args[0]?.text === 'push') state.observe('net.out', api, [line, stdin], at);
  if (name === 'gh' && /^(?:api|repo|gist|release|secret)$/.test(args[0]?.text ?? ''))
    state.observe(
      'net.out',
      api,
      [line, stdin],
      at,
      args.flatMap((arg) => arg.taints),
    );
  if (/^(?:aws|gcloud|az|kubectl)$/.test(name) && /^(?:s3|s3api|storage)$/.test(args[0]?.text ?? '')) {
    const sent = operands.map((operand) => (/[~/]/.test(operand.text) ? state.readPath(operand, at) : operand));
    const bucket = operands.find((operand) => /^\w+:\/\//.test(operand.text)) ?? line;
    state.observe('net.out', api, [bucket, concat([...sent, stdin], ' ')], at);
  }
  if (name === 'patch-package') applied([], stdin, state, at, api);
  const source = sourceOf(state.context.tables.commands, line.text);
  return source === null ? unknown([]) : unknown([state.taint(source, line.text.slice(0, 120), at)]);
}

function copy(name: string, operands: readonly ShellValue[], state: ShellState, at: number, api: string): void {
  const target = operands[operands.length - 1];
  if (target === undefined || operands.length < 2) return;
  for (const from of operands.slice(0, -1)) {
    const content = state.readPath(from, at);
    state.copied(from.text, target.text);
    if (name === 'ln') {
      state.observe('fs.write', api, [from, target], at);
      continue;
    }
    const inFolder =
      /\/$/.test(target.text) && isConstant(from)
        ? { ...target, text: target.text + (from.text.split('/').pop() ?? '') }
        : target;
    state.writePath(inFolder, content, false, at, api);
  }
}

/** Options of make and cmake that take the next word. `-j` and `-l` take one only where it is a number. */
const MAKE_VALUES = new Set([
  'f',
  'C',
  'I',
  'o',
  'W',
  'E',
  'directory',
  'file',
  'makefile',
  'include-dir',
  'assume-old',
  'old-file',
  'what-if',
  'new-file',
  'assume-new',
  'eval',
]);

/** Goals and variables of make's words; nothing where a word is not known, so that everything counts as asked for. */
function askedOfMake(words: readonly ShellValue[]): { make?: MakeCall } {
  if (words.some(({ text }) => text.includes(HOLE))) return {};
  const operands = words.map(({ text }) => text).filter((text) => !/^[\d.]*$/.test(text));
  const variables = operands.flatMap((text) => {
    const [, name = '', value = ''] = /^([^\s=:]+?)[:?+!]*=([\s\S]*)$/.exec(text) ?? [];
    return name === '' ? [] : [[name, value] as const];
  });
  return { make: { goals: operands.filter((text) => !text.includes('=')), variables } };
}

/** Build tools read their own files: the implicit entries of native packages. */
function build(name: string, args: readonly ShellValue[], state: ShellState, at: number, api: string): void {
  const parsed = parseArguments(args, MAKE_VALUES);
  const folder = optionValue(parsed, 'C', 'directory')?.text ?? '';
  const from =
    folder === '' || folder.includes(HOLE) ? state.cwd : `${state.cwd === '' ? '' : `${state.cwd}/`}${folder}`;
  const makefile = optionValue(parsed, 'f', 'file', 'makefile')?.text;
  const script = args[args.findIndex(({ text }) => text === '-P') + 1];
  const source = args.map(({ text }, index) =>
    text === '-S' ? (args[index + 1]?.text ?? '') : (/^-S(.+)$/.exec(text)?.[1] ?? ''),
  );
  const sources = source.filter((text) => text !== '' && !text.includes(HOLE));
  const isMake = /^g?make$/.test(name);
  const wanted = isMake
    ? [makefile ?? 'Makefile', 'makefile', 'GNUmakefile']
    : name.startsWith('cmake')
      ? script !== undefined && args.some(({ text }) => text === '-P')
        ? [script.text]
        : [...sources.map((text) => `${text}/CMakeLists.txt`), 'CMakeLists.txt']
      : ['binding.gyp'];
  for (const { name: option, value } of isMake ? parsed.options : [])
    if (value !== null && (option === 'E' || option === 'eval')) state.run('make', value, at, api);
  for (const request of wanted) {
    const path = resolveFile(state.context, from, request);
    if (path === null) continue;
    state.next({
      kind: 'file',
      path,
      entry: { ...state.task.entry, file: path },
      language: path.endsWith('.gyp') ? 'gyp' : 'make',
      ...(isMake ? askedOfMake(parsed.operands) : {}),
    });
    return;
  }
}

/** Where git says that its own files lie: under a name that is known, in a folder that is not. */
function folderOfGit(line: string): string | null {
  if (!/\brev-parse\s/.test(line)) return null;
  const path = /--git-path\s+([\w./-]+)\s*$/.exec(line)?.[1];
  if (path !== undefined) return `${HOLE}/.git/${path}`;
  return /--(?:absolute-)?git-(?:common-)?dir\s*$/.test(line) ? `${HOLE}/.git` : null;
}

const GIT_HOOK =
  /(?:^|\/)(?:(?:pre-commit|pre-push|commit-msg|post-commit|post-checkout|post-merge|prepare-commit-msg|pre-rebase|post-rewrite|pre-receive)(?:\.(?:sh|js|py))?|update)$/;

/** Once core.hooksPath is set, files of the package that are named like hooks are run by git: those of the folder, or what may be put there. */
function gitHooks(line: string, state: ShellState): void {
  const set = /\bconfig\s.*core\.hooksPath\s+["']?([^\s"']*)/i.exec(line);
  if (set === null) return;
  const folder = posix.basename(set[1] ?? '');
  const hooks = [...state.context.files.files.keys()].filter((path) => GIT_HOOK.test(path));
  const inFolder = hooks.filter((path) => posix.basename(posix.dirname(path)) === folder);
  for (const path of inFolder.length > 0 ? inFolder : hooks)
    state.next({ kind: 'file', path, entry: { ...state.task.entry, file: path } });
}

const CODE_PATH = /\.[cm]?[jt]sx?$/;

/** A patch of the package puts its lines into other packages' files. */
function applied(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number, api: string): void {
  const named = args.filter(
    ({ text }) => /\.(?:patch|diff)$/.test(text) && isConstant({ text, taints: [], decoded: false }),
  );
  const patches =
    named.length > 0
      ? named.map((file) => state.readPath(file, at))
      : isConstant(stdin) && stdin.text.includes('+++')
        ? [stdin]
        : [...state.context.files.files]
            .filter(([path]) => /\.(?:patch|diff)$/.test(path))
            .slice(0, 40)
            .map(([, bytes]) => constant(textOf(bytes)));
  for (const patch of patches)
    for (const [, path = '', body = ''] of patch.text.matchAll(
      /^\+\+\+ (?:b\/)?(\S+)[^\n]*\n((?:(?!^--- )[\s\S])*)/gm,
    )) {
      const added = body
        .split('\n')
        .filter((text) => text.startsWith('+'))
        .map((text) => text.slice(1))
        .join('\n');
      const target = `../${path.replace(/^(?:\.\/)?node_modules\//, '').replace(/^(?=[^/]+$)/, 'patched/')}`;
      // A change that neither speaks to the network nor starts anything is a mend.
      if (
        CODE_PATH.test(path) &&
        /https?:|child_process|\beval\s*\(|new Function|\bfetch\s*\(|\.connect\(|process\.env\b(?!\.NODE_ENV)/.test(
          added,
        )
      )
        state.observe('fs.write', api, [constant(target), constant(added)], at);
    }
}

/** A clone brings foreign files: what lies in its folder is a download. */
function clone(operands: readonly ShellValue[], state: ShellState, at: number, api: string): void {
  const url = operands.find((operand) => /^(?:https?|git|ssh):|@/.test(operand.text));
  if (url === undefined) return;
  const last = operands[operands.length - 1];
  const folder =
    last === undefined || last === url
      ? constant(
          url.text
            .replace(/\.git$/, '')
            .split('/')
            .pop() ?? '',
        )
      : last;
  state.observe('net.out', api, [url], at);
  state.writePath(folder, unknown([state.taint('net.response', url.text, at)]), false, at, api);
}
