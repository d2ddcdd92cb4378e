import { posix } from 'node:path';
import { languageOf, resolveFile } from '../entry-points/index.js';
import type { CodeLanguage } from '../task.js';
import { denoImports } from './deno.js';
import { type ShellState, withArguments } from './state.js';
import { concat, isConstant, type ShellValue } from './value.js';

/** Programs that run a file or a text of some language. */
export const INTERPRETERS: Readonly<Record<string, CodeLanguage>> = {
  node: 'javascript',
  nodejs: 'javascript',
  iojs: 'javascript',
  bun: 'javascript',
  deno: 'javascript',
  tsx: 'javascript',
  'ts-node': 'javascript',
  'ts-node-esm': 'javascript',
  esno: 'javascript',
  jiti: 'javascript',
  zx: 'javascript',
  'babel-node': 'javascript',
  electron: 'javascript',
  qjs: 'javascript',
  swcnode: 'javascript',
  coffee: 'javascript',
  sh: 'shell',
  bash: 'shell',
  dash: 'shell',
  zsh: 'shell',
  ksh: 'shell',
  ash: 'shell',
  fish: 'shell',
  source: 'shell',
  '.': 'shell',
  python: 'python',
  python2: 'python',
  python3: 'python',
  py: 'python',
  pypy: 'python',
  perl: 'perl',
  ruby: 'ruby',
  jruby: 'ruby',
  php: 'php',
  osascript: 'foreign',
  lua: 'foreign',
  luajit: 'foreign',
  tclsh: 'foreign',
  wish: 'foreign',
  expect: 'foreign',
  rscript: 'foreign',
  julia: 'foreign',
  groovy: 'foreign',
  swift: 'foreign',
  jshell: 'foreign',
  jrunscript: 'foreign',
  msbuild: 'foreign',
  java: 'foreign',
  javaw: 'foreign',
  powershell: 'powershell',
  pwsh: 'powershell',
  iex: 'powershell',
  'invoke-expression': 'powershell',
  cmd: 'batch',
  cscript: 'batch',
  wscript: 'batch',
  mshta: 'batch',
};

const CODE_OPTIONS: Readonly<Partial<Record<CodeLanguage, RegExp>>> = {
  javascript: /^(?:-e|-p|-pe|-ep|--eval|--print|eval)$/,
  shell: /^-[a-z]*c$/,
  python: /^-[a-zA-Z]*c$/,
  perl: /^-[a-zA-Z0-9]*[eE]$/,
  ruby: /^-[a-z]*e$/,
  php: /^-[rBRE]$/,
  foreign: /^-[eEc]$/,
  powershell: /^[-/](?:c|command)$/i,
  batch: /^\/[ckr]$/i,
};
const HARMLESS =
  /^[\s"'&{]*(?:Expand-Archive|Compress-Archive|Get-FileHash|Test-Path|Unblock-File|New-Item|Move-Item|Rename-Item)\b[^;|&`]*$/i;
const PRELOAD_OPTIONS = /^(?:-r|--require|--import|--loader|--experimental-loader|--preload)$/;
const VALUE_OPTIONS =
  /^(?:--input-type|--conditions|-C|--max-old-space-size|--title|--env-file|-W|-X|--tsconfig|-P|--project|--config|-O|-o|--rcfile|-cp|-classpath|--class-path|--enable-native-access)$/;

/** `node F`, `bash -c TEXT`, `python -`, `curl … | sh`: gives the file or the text to the front end of its language. */
export function runInterpreter(
  name: string,
  language: CodeLanguage,
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
): void {
  const api = `shell.${name}`;
  if (name === 'deno') denoImports(args, state, at);
  let index = 0;
  let started = false;
  for (; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === undefined) break;
    if (CODE_OPTIONS[language]?.test(arg.text) === true) {
      const rest =
        language === 'powershell' || language === 'batch' ? concat(args.slice(index + 1), ' ') : args[index + 1];
      // A command that only unpacks or looks at files runs nothing of them.
      if (language === 'powershell' && rest !== undefined && HARMLESS.test(rest.text)) return;
      if (language === 'powershell' && rest?.text === '-') break;
      if (rest !== undefined) state.run(language === 'batch' ? 'shell' : language, unquote(rest), at, api);
      return;
    }
    if (language === 'powershell' && /^[-/]e(?:nc?|c|ncodedcommand|nco|ncod|ncode\w*)?$/i.test(arg.text)) {
      const encoded = args[index + 1];
      if (encoded !== undefined && isConstant(encoded)) {
        state.run(
          'powershell',
          { ...encoded, text: Buffer.from(encoded.text, 'base64').toString('utf16le'), decoded: true },
          at,
          api,
        );
      } else if (encoded !== undefined) state.observe('code.eval', api, [encoded], at);
      return;
    }
    const glued = /^(?:--eval|--print|-e)=?(.+)$/s.exec(arg.text);
    if (language === 'javascript' && glued?.[1] !== undefined && /^(?:--eval|--print)=/.test(arg.text)) {
      state.run(language, { ...arg, text: glued[1] }, at, api);
      return;
    }
    if (PRELOAD_OPTIONS.test(arg.text)) {
      const file = args[index + 1];
      if (file !== undefined) runFile(name, language, file, state, at, true);
      index += 1;
      continue;
    }
    const preload = /^(?:--require|--import|--loader|--experimental-loader|-r)=(.+)$/.exec(arg.text)?.[1];
    if (preload !== undefined) {
      runFile(name, language, { ...arg, text: preload }, state, at, true);
      continue;
    }
    if (language === 'powershell' && /^[-/](?:f|file)$/i.test(arg.text)) continue;
    if (language === 'powershell' && /^[-/](?:ep|ex\w*|w\w*|version|inputformat|outputformat)$/i.test(arg.text)) {
      index += 1;
      continue;
    }
    if (language === 'python' && arg.text === '-m') {
      const module = args[index + 1];
      const file = module === undefined ? null : moduleFile(module.text, state);
      if (module !== undefined && file !== null) runFile(name, language, { ...module, text: file }, state, at, false);
      return;
    }
    if (language === 'python' && arg.text === '-m' && args[index + 1] !== undefined) {
      runPythonModule(name, args[index + 1] as ShellValue, state, at);
      return;
    }
    if ((VALUE_OPTIONS.test(arg.text) && language !== 'powershell') || (name === 'osascript' && arg.text === '-l')) {
      index += 1;
      continue;
    }
    const module = language === 'perl' ? /^-[mM]([A-Z]\w*(?:::\w+)*)/.exec(arg.text)?.[1] : undefined;
    if (module !== undefined) {
      const folders = ['', 'lib', ...args.flatMap(({ text }) => /^-I(.+)$/.exec(text)?.[1] ?? [])];
      const file = folders.map((folder) => `${folder === '' ? '' : `${folder}/`}${module.replaceAll('::', '/')}.pm`);
      const own = file.find((path) => resolveFile(state.context, state.cwd, path) !== null);
      if (own !== undefined) runFile(name, language, { ...arg, text: own }, state, at, true);
      continue;
    }
    if (arg.text === '-' || arg.text === '/dev/stdin' || arg.text === '-s') break;
    if (/^[-+]/.test(arg.text) || (language === 'batch' && /^\/{1,2}\w/.test(arg.text))) continue;
    if (
      /^(?:run|x|test|task|start|exec|watch)$/.test(arg.text) &&
      (name === 'bun' || name === 'deno' || name === 'tsx')
    )
      continue;
    if (language === 'batch' && /^(?:vbscript|javascript|https?):/i.test(arg.text)) {
      state.observe('code.eval', api, [arg], at);
      return;
    }
    // Without /c or /k cmd runs nothing of what it is called with.
    if (name !== 'cmd' && name !== 'cmd.exe') {
      runFile(name, language, arg, state, at, false, args.slice(index + 1));
      started = true;
    }
    break;
  }
  if (!started && (stdin.text !== '' || stdin.taints.length > 0))
    state.run(language, stdin, at, `${api} (stdin)`, args.slice(index + 1));
}

/** The text of a data: URL, or null where it is damaged. */
function dataText(url: string): string | null {
  const [head = '', body = ''] = [url.slice(0, url.indexOf(',')), url.slice(url.indexOf(',') + 1)];
  try {
    const text = decodeURIComponent(body);
    return /;base64$/i.test(head) ? Buffer.from(text, 'base64').toString('utf8') : text;
  } catch {
    return body;
  }
}

/** The file that `python -m name` starts, where it is in the package; installed modules are none of ours. */
function moduleFile(name: string, state: ShellState): string | null {
  const path = name.replaceAll('.', '/');
  const candidates = [`${path}/__main__.py`, `${path}.py`];
  return candidates.find((file) => resolveFile(state.context, state.cwd, file) !== null) ?? null;
}

function unquote(value: ShellValue): ShellValue {
  const inner = /^"([\s\S]*)"$|^'([\s\S]*)'$/.exec(value.text);
  return inner === null ? value : { ...value, text: inner[1] ?? inner[2] ?? '' };
}

/** A file that a command starts: of the package, written before by the script, or not to be found. */
export function runFile(
  name: string,
  language: CodeLanguage | null,
  file: ShellValue,
  state: ShellState,
  at: number,
  preload: boolean,
  rest: readonly ShellValue[] = [],
): void {
  const inline = /^data:(?:text|application)\/javascript[^,]*,/i.test(file.text) ? dataText(file.text) : null;
  if (inline !== null) {
    state.run('javascript', { ...file, text: inline, decoded: true }, at, `shell.${name}`);
    return;
  }
  const copied = state.copiedFrom(file.text);
  if (copied !== undefined) {
    const own = languageOf(copied, state.context.files.files.get(copied) ?? new Uint8Array());
    const chosen = own === 'binary' || language === null ? own : language;
    state.next({
      kind: 'file',
      path: copied,
      entry: withArguments({ ...state.task.entry, file: copied }, rest),
      ...(chosen === null ? {} : { language: chosen }),
    });
    return;
  }
  const foreign = file.taints.some((taint) => /^(?:net|dns)\./.test(taint.source));
  const written =
    state.writtenAt(file.text) ??
    state.downloadedFolder(file.text) ??
    state.fetchedAt(file.text) ??
    (/^(?:\.|source)$/.test(name) ? state.channelAt(file.text) : undefined);
  if (foreign || written !== undefined) {
    const content = written ?? file;
    if (content.taints.some((taint) => /^net\./.test(taint.source))) {
      const isUnpacked = state.writtenAt(file.text) === undefined && state.downloadedFolder(file.text) === content;
      state.observe('code.eval', `shell.${name}`, [isUnpacked ? configuring(file.text, content) : content], at);
      return;
    }
    if (isConstant(content) && content.text !== '') {
      state.run(language ?? 'shell', content, at, `shell.${name}`);
      return;
    }
  }
  const path =
    resolveFile(state.context, state.cwd, file.text) ??
    (state.cwd === state.context.root ? null : resolveFile(state.context, state.context.root, file.text)) ??
    withoutSeparators(state, file.text) ??
    fromFartherDown(state, file.text);
  if (path !== null) {
    const bytes = state.context.files.files.get(path) ?? new Uint8Array();
    const own = languageOf(path, bytes);
    const chosen = own === 'binary' || language === null ? own : language;
    state.next({
      kind: 'file',
      path,
      entry: withArguments({ ...state.task.entry, file: path }, rest),
      ...(chosen === null ? {} : { language: chosen }),
      ...(state.task.inputTaints === undefined ? {} : { inputTaints: state.task.inputTaints }),
    });
    return;
  }
  if (!isConstant(file) && startsMatching(file, state, language)) return;
  const own = ownPath(file.text, state);
  if (language === null && isOfMachine(name, file.text) && !isWritten(own, state)) return;
  if (own !== file.text && (isWritten(own, state) || isExecutablePath(own))) return;
  if (/^(?:https?:)?\/\//.test(file.text) || /^(?:npm|jsr|data|https?):/.test(file.text)) {
    state.observe('code.require', `shell.${name}`, [file], at);
    return;
  }
  if (!isConstant(file)) {
    // A script text says what it starts; a child process of code often has a computed path.
    state.fact(
      state.task.depth === 0 || state.task.file.endsWith('package.json')
        ? 'unresolved-entry.dynamic'
        : 'unresolved-entry.child',
      `${name} starts a file whose name is not known: ${file.text.replaceAll('\uFFFC', '…').slice(0, 120)}`,
      at,
    );
  } else if (
    /(?:^|\/)node_modules\/|^[@\w][\w./-]*$/.test(file.text) &&
    (preload || file.text.includes('node_modules/'))
  ) {
    state.fact('unresolved-entry.other-package', `${name} starts ${file.text}, which another package brings`, at);
  } else if (
    /^(?:\.|source)$/.test(name) &&
    OWN_SHELL.test(file.text) &&
    written === undefined &&
    !isWritten(own, state)
  ) {
    // The user's own shell, which runs at every login; what is written there is judged where it is written.
    return;
  } else if (/^[~/]|^\$(?:TMP|PROJECT)/.test(file.text) || leavesPackage(file.text, state)) {
    state.observe('code.require', `shell.${name}`, [file], at);
    const isOwn = isOwnProgram(file.text, state) || (isExecutablePath(own) && isWritten(own, state));
    const kind = isOwn ? 'unresolved-entry.own-program' : 'unresolved-entry.outside';
    state.fact(kind, `${name} starts ${file.text}, which lies outside the package`, at);
  } else if (
    !isMadeByGyp(name, own) &&
    !WINDOWS_SHIM.test(file.text) &&
    !isWritten(own, state) &&
    !(isExecutablePath(own) && isWrittenAlike(own, state))
  ) {
    state.fact(
      'unresolved-entry.missing',
      `${name} starts ${file.text.slice(0, 120)}, which is not in the package`,
      at,
    );
  }
}

/** How npm puts the commands of packages on the path on Windows: `tsc.cmd` is as good as `tsc`. */
const WINDOWS_SHIM = /^[\w@.-]+\.cmd$/i;

/** Files by which a login shell and version managers set themselves up, in their usual places. */
const OWN_SHELL =
  /^~\/(?:\.(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv)|\.nvm\/nvm\.sh|\.asdf\/asdf\.sh|\.cargo\/env|\.rvm\/scripts\/rvm|\.sdkman\/bin\/sdkman-init\.sh|\.nix-profile\/etc\/profile\.d\/nix\.sh)$|^\/opt\/homebrew\/opt\/(?:nvm\/nvm|asdf\/libexec\/asdf)\.sh$|^\/etc\/(?:profile|bashrc|bash\.bashrc|os-release|lsb-release)$/;

/** The scripts with which sources are made ready for their compiler. */
const CONFIGURES = /^(?:configure|config|Configure|autogen(?:\.sh)?|bootstrap(?:\.sh)?|buildconf)$/;

/** What is unpacked and told to configure itself is marked so: rules weigh the build of a released source apart. */
function configuring(path: string, content: ShellValue): ShellValue {
  if (!CONFIGURES.test(posix.basename(path))) return content;
  return {
    ...content,
    taints: content.taints.map((taint) => ({ ...taint, through: [...taint.through, 'configure'] })),
  };
}

/** Where installers put browsers and tool chains of one user. */
const USERS_PROGRAM =
  /^~\/(?:Applications\/[^/]+\.app\/Contents\/MacOS\/[^/]+|(?:AppData\/Local\/)(?:Microsoft\/Edge(?: \w+)?|Google\/Chrome(?: \w+)?|Chromium|BraveSoftware\/Brave-Browser|Vivaldi)\/Application\/\w+\.exe|\.cargo\/bin\/(?:cargo|rustc|rustup|wasm-pack)|\.bun\/bin\/bunx?|\.deno\/bin\/deno|\.dotnet\/dotnet|\.foundry\/bin\/(?:forge|cast|anvil))(?:\.exe)?$/i;

/** A program in a folder of the system: as good as its name, and nothing that a package can bring. */
function isOfMachine(name: string, path: string): boolean {
  return (
    !/^(?:\.|source)$/.test(name) &&
    isExecutablePath(path) &&
    (USERS_PROGRAM.test(path) ||
      /^\/(?:Applications\/[^/]+\.app\/|(?:usr\/(?:local\/)?|opt\/homebrew\/|snap\/)?s?bin\/|Library\/|System\/)|^(?:[a-z]:[\\/]|%\w*)(?:Program ?Files|Windows\b)/i.test(
        path,
      )) &&
    !/(?:^|\/)\.\.?(?:\/|$)/.test(path)
  );
}

/** The program of this very version that the package keeps in the user's home: what puts it there is judged where it does. */
function isOwnProgram(path: string, { context: { manifest } }: ShellState): boolean {
  const name = manifest.name.replace(/^.*\//, '').toLowerCase();
  const parts = path.toLowerCase().split('/');
  return (
    path.includes('~/') && parts.includes(manifest.version) && parts.some((part) => part.replace(/\..*$/, '') === name)
  );
}

/** Whether a path leads out of the package from the folder that the script is in. */
function leavesPackage(path: string, { cwd, context: { root } }: ShellState): boolean {
  const whole = posix.normalize(posix.join(cwd === '' ? '.' : cwd, path));
  return path.startsWith('..') && (whole.startsWith('..') || !`${whole}/`.startsWith(root === '' ? '' : `${root}/`));
}

/** What node-gyp has made of binding.gyp where a script builds it by hand. */
function isMadeByGyp(name: string, path: string): boolean {
  return name === 'msbuild' || /\.(?:sln|vcxproj)$/i.test(name)
    ? /^(?:\.\/)?build\/[\w.-]+\.(?:sln|vcxproj)$/i.test(path)
    : false;
}

/** `scriptsprepare.cmd`, which a shell of Unix makes of `scripts\\prepare.cmd`: on Windows the file is found. */
function withoutSeparators(state: ShellState, name: string): string | null {
  if (!/^[\w.-]+\.(?:cmd|bat|ps1|exe|vbs|js|cjs|mjs|py)$/i.test(name)) return null;
  for (const path of state.context.files.files.keys())
    if (path.includes('/') && path.replaceAll('/', '') === name) return path;
  return null;
}

/** `bin/libexec/common.sh` of a script that follows links to find its root: the file of the package that ends so. */
function fromFartherDown(state: ShellState, name: string): string | null {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  for (let from = 1; from < parts.length - 1; from++) {
    const path = parts.slice(from).join('/');
    if (state.context.files.files.has(path)) return path;
  }
  return null;
}

/** The path inside the package of a file that is named by its place in node_modules. */
function ownPath(path: string, state: ShellState): string {
  const name = state.context.manifest.name.replace(/[^\w/-]/g, '\\$&');
  return new RegExp(`^/?(?:[^\\uFFFC]*/)?node_modules/${name}/(.+)$`).exec(path)?.[1] ?? path;
}

const ALIKE = 6;

/** Whether code of the package writes the file, with or without Windows' ending. */
function isWritten(path: string, state: ShellState): boolean {
  const plain = (text: string): string =>
    ownPath(text, state)
      .replace(/^\.\//, '')
      .replace(/\.exe$/i, '');
  const wanted = plain(path);
  return [...state.context.written].some((each) => plain(each) === wanted);
}

/** Whether code of the package writes a program of the same folder whose name begins alike: that of another platform. */
function isWrittenAlike(path: string, state: ShellState): boolean {
  const wanted = path.replace(/^\.\//, '');
  const folder = wanted.slice(0, wanted.lastIndexOf('/') + 1);
  const start = wanted.slice(0, folder.length + ALIKE);
  if (folder === '' || wanted.length <= start.length) return false;
  return [...state.context.written].some((each) => {
    const own = ownPath(each, state).replace(/^\.\//, '');
    return own.startsWith(start) && !own.slice(folder.length).includes('/');
  });
}

/** A file of the package's own folder that its install script has made: it is judged by what makes it. */
function isExecutablePath(path: string): boolean {
  return !/\.(?:sh|py|ps1|bat|js|cjs|mjs|vbs)$/.test(path);
}

/** Starts every file of the package that a path with unknown parts may mean; false where there is none. */
export function startsMatching(file: ShellValue, state: ShellState, language: CodeLanguage | null = null): boolean {
  const possible = matchingFiles(file.text, state);
  for (const path of possible) {
    const own = languageOf(path, state.context.files.files.get(path) ?? new Uint8Array());
    const chosen = own === 'binary' || language === null ? own : language;
    state.next({
      kind: 'file',
      path,
      entry: { ...state.task.entry, file: path },
      ...(chosen === null ? {} : { language: chosen }),
    });
  }
  return possible.length > 0;
}

/** Files of the package that a path with unknown parts, as `prebuilds/<platform>-<arch>/x.node`, may mean. */
function matchingFiles(path: string, state: ShellState): string[] {
  const plain = path.replace(/^\.\//, '');
  if (plain.replaceAll('\uFFFC', '').replace(/[/.-]/g, '').length < 3) return [];
  const pattern = new RegExp(
    `^${plain
      .split('\uFFFC')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  );
  return [...state.context.files.files.keys()].filter((each) => pattern.test(each)).slice(0, 12);
}

/** `python -m a.b` runs a module of the package, where there is one of that name. */
function runPythonModule(name: string, module: ShellValue, state: ShellState, at: number): void {
  const path = module.text.replaceAll('.', '/');
  const found = [`${path}.py`, `${path}/__main__.py`].find(
    (candidate) => resolveFile(state.context, state.cwd, candidate) !== null,
  );
  if (found !== undefined) runFile(name, 'python', { ...module, text: found }, state, at, false);
}
