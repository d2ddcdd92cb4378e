import { resolveFile } from '../entry-points/index.js';
import { sourceOf } from '../source-tables.js';
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
    'pbpaste xclip xsel wl-paste security secret-tool gh git gcloud aws az kubectl vault op pass docker npm-token date'
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
  if (/^(?:kill|killall|pkill|taskkill|shutdown|reboot|halt|poweroff)$/.test(name)) {
    state.observe('process.kill', api, [line], at);
    return EMPTY;
  }
  if (/^(?:make|gmake|cmake|cmake-js|node-gyp|node-gyp-build|prebuild-install|node-pre-gyp|gyp)$/.test(name)) {
    build(name, args, state);
    return unknown([]);
  }
  if (name === 'git' && args[0]?.text === 'clone') clone(operands, state, at, api);
  if (name === 'git' && args[0]?.text === 'push') state.observe('net.out', api, [line, stdin], at);
  if (name === 'gh' && /^(?:api|repo|gist|release|secret)$/.test(args[0]?.text ?? ''))
    state.observe(
      'net.out',
      api,
      [line, stdin],
      at,
      args.flatMap((arg) => arg.taints),
    );
  if (name === 'aws' && args[0]?.text === 's3') state.observe('net.out', api, [line, stdin], at);
  const source = sourceOf(state.context.tables.commands, line.text);
  return source === null ? unknown([]) : unknown([state.taint(source, line.text.slice(0, 120), at)]);
}

function copy(name: string, operands: readonly ShellValue[], state: ShellState, at: number, api: string): void {
  const target = operands[operands.length - 1];
  if (target === undefined || operands.length < 2) return;
  for (const from of operands.slice(0, -1)) {
    const content = state.readPath(from, at);
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

/** Build tools read their own files: the implicit entries of native packages. */
function build(name: string, args: readonly ShellValue[], state: ShellState): void {
  const parsed = parseArguments(args, new Set(['f', 'C', 'directory', 'file']));
  const folder = optionValue(parsed, 'C', 'directory')?.text ?? '';
  const from =
    folder === '' || folder.includes('\uFFFC') ? state.cwd : `${state.cwd === '' ? '' : `${state.cwd}/`}${folder}`;
  const makefile = optionValue(parsed, 'f', 'file')?.text;
  const wanted =
    /make$/.test(name) && !name.startsWith('cmake')
      ? [makefile ?? 'Makefile', 'makefile', 'GNUmakefile']
      : name.startsWith('cmake')
        ? ['CMakeLists.txt']
        : ['binding.gyp'];
  for (const request of wanted) {
    const path = resolveFile(state.context, from, request);
    if (path === null) continue;
    state.next({
      kind: 'file',
      path,
      entry: { ...state.task.entry, file: path },
      language: path.endsWith('.gyp') ? 'gyp' : 'make',
    });
    return;
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
