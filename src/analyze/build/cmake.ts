import { posix } from 'node:path';
import { resolveFile } from '../entry-points/index.js';
import { textOf } from '../package-files.js';
import { emptyResult, type FrontEndResult, type ScanContext, type TextTask } from '../task.js';
import { type CmakeCommand, cmakeCommands } from './cmake-commands.js';
import { PlacedText } from './placed-text.js';

const OPTIONS =
  /\s(?:OUTPUT_VARIABLE|RESULT_VARIABLE|RESULTS_VARIABLE|ERROR_VARIABLE|WORKING_DIRECTORY|DEPENDS|COMMENT|VERBATIM|OUTPUT_QUIET|ERROR_QUIET|OUTPUT_STRIP\w*|ERROR_STRIP\w*|TIMEOUT|ECHO_\w+|COMMAND_ECHO|ENCODING|BYPRODUCTS|USES_TERMINAL|MAIN_DEPENDENCY|OUTPUT_FILE|ERROR_FILE|INPUT_FILE|COMMAND_ERROR_IS_FATAL)\b/;
const MAX_FILES = 40;
const NAME = /^[A-Za-z_]\w*$/;

/**
 * Reads CMake and the modules of the package that it includes as one shell text: `set` is an assignment, `file(DOWNLOAD)` a download,
 * `include` of a file that the package has not runs it, `execute_process` is its command.
 */
export function interpretCmake(task: TextTask, context: ScanContext): FrontEndResult {
  const result = emptyResult();
  const script = new PlacedText();
  const program: Program = { task, context, script, read: new Set([task.file]), lists: new Map() };
  take(task.text, task.file, program);
  if (script.text === '') return result;
  const folders = usedFolders(script.text);
  result.next.push({
    ...task,
    language: 'shell',
    text: folders + script.text,
    line: script.places[0]?.line ?? task.line,
    places: script.places.map((place) => ({ ...place, at: place.at + folders.length })),
    taints: [],
    depth: task.depth + 1,
  });
  return result;
}

interface Program {
  task: TextTask;
  context: ScanContext;
  script: PlacedText;
  read: Set<string>;
  /** Lists whose members are known, for what joins and appends them. */
  lists: Map<string, string[]>;
}

/** What the folders of a build are called; where the package is built says no more than that. */
const FOLDERS: Readonly<Record<string, string>> = {
  CMAKE_CURRENT_BINARY_DIR: 'build',
  CMAKE_BINARY_DIR: 'build',
  PROJECT_BINARY_DIR: 'build',
  CMAKE_CURRENT_SOURCE_DIR: '.',
  CMAKE_SOURCE_DIR: '.',
  PROJECT_SOURCE_DIR: '.',
  CMAKE_CURRENT_LIST_DIR: '.',
  CMAKE_COMMAND: 'cmake',
};

function usedFolders(text: string): string {
  return Object.entries(FOLDERS)
    .filter(([name]) => text.includes(`\${${name}}`))
    .map(([name, folder]) => `${name}=${folder}; `)
    .join('');
}

function take(text: string, file: string, program: Program): void {
  for (const command of cmakeCommands(text)) {
    const said = statement(command, file, program);
    if (said !== '') program.script.add(said, file, command.line);
  }
}

function statement(command: CmakeCommand, file: string, program: Program): string {
  const { name, body, words } = command;
  const [head = '', second = ''] = words;
  switch (name) {
    case 'set':
      return assigned(words, program);
    case 'string':
      return string(words);
    case 'list':
      return list(words, program);
    case 'cmake_host_system_information':
      return /\b(?:FQDN|HOSTNAME)\b/.test(body) ? `${/RESULT\s+(\w+)/.exec(body)?.[1] ?? 'X'}=$(hostname)` : '';
    case 'file':
      return fileCommand(words);
    case 'configure_file':
      return `cp ${quoted(head)} ${quoted(second)}`;
    case 'fetchcontent_declare':
    case 'externalproject_add':
    case 'cpmaddpackage':
      return fetched(words);
    case 'include':
    case 'try_run':
      return included(head, file, program);
    case 'project':
      return /\bVERSION\s+(\S+)/.test(body)
        ? `PROJECT_VERSION=${quoted(/\bVERSION\s+(\S+)/.exec(body)?.[1] ?? '')}`
        : '';
    case 'add_subdirectory':
      return included(`${head}/CMakeLists.txt`, file, program);
    case 'find_package':
      return included(`Find${head}`, file, program);
    case 'load_cache':
    case 'ctest_run_script':
      return included(head, file, program);
    case 'cmake_language':
      if (head === 'EVAL') take(words.slice(2).join(' '), file, program);
      return '';
    case 'execute_process':
    case 'add_custom_command':
    case 'add_custom_target':
      return commands(body);
    case 'exec_program':
      return `${quoted(head)} ${/\bARGS\s+(.*)$/s.exec(body)?.[1]?.split(OPTIONS)[0] ?? ''}`;
    case 'set_property':
    case 'set_target_properties':
      return launched(body);
    case 'install':
      if (head === 'CODE') take(second, file, program);
      return head === 'SCRIPT' ? included(second, file, program) : '';
    default:
      return '';
  }
}

/** `set`, also of the environment and of the programs that every compilation is started by. */
function assigned(words: readonly string[], { lists }: Program): string {
  const [head = ''] = words;
  const stored = words.findIndex((word) => /^(?:CACHE|PARENT_SCOPE)$/.test(word));
  const values = words.slice(1, stored < 1 ? undefined : stored).filter((word) => word !== 'FORCE');
  const variable = /^ENV\{(\w+)\}$/.exec(head)?.[1];
  if (variable !== undefined) return `export ${variable}=${quoted(values.join(' '))}`;
  if (!NAME.test(head)) return '';
  const members = values.flatMap((value) => value.split(';'));
  lists.set(head, members);
  if (words.length >= 12) return '';
  const said = `${head}=${quoted(values.join(' '))}`;
  return /^CMAKE_\w+_(?:COMPILER|LINKER)_LAUNCHER$|^CMAKE_(?:C|CXX)_COMPILER$|^CMAKE_TOOLCHAIN_FILE$/.test(head)
    ? `${said}\n${members.map(quoted).join(' ')}`
    : said;
}

function string(words: readonly string[]): string {
  const [verb = '', second = '', third = ''] = words;
  const rest = (from: number, between = ''): string => quoted(words.slice(from).join(between));
  switch (verb) {
    case 'CONCAT':
      return `${second}=${rest(2)}`;
    case 'APPEND':
      return `${second}+=${rest(2)}`;
    case 'PREPEND':
      return `${second}="${unquoted(rest(2))}\${${second}}"`;
    case 'JOIN':
      return `${third}=${rest(3, second)}`;
    case 'REPLACE':
      return /^[\w.:/-]*$/.test(second) && /^[\w.:/-]*$/.test(third) && /^\$\{\w+\}$/.test(words[4] ?? '')
        ? `${words[3]}="\${${(words[4] ?? '').slice(2, -1)}//${second.replaceAll('/', '\\/')}/${third}}"`
        : `${words[3]}=${rest(4)}`;
    case 'REGEX':
      return second === 'REPLACE' ? `${words[4]}=${rest(5)}` : '';
    case 'TOLOWER':
    case 'TOUPPER':
    case 'STRIP':
    case 'CONFIGURE':
    case 'GENEX_STRIP':
      return NAME.test(third) ? `${third}=${quoted(second)}` : '';
    case 'SUBSTRING':
      return NAME.test(words[4] ?? '') ? `${words[4]}=${quoted(second)}` : '';
    case 'HEX':
      return `${third}=$(printf %s ${quoted(second)} | xxd -p)`;
    case 'ASCII':
      return `${words.at(-1)}=${quoted(
        words
          .slice(1, -1)
          .map((code) => String.fromCharCode(Number(code) || 32))
          .join(''),
      )}`;
    default:
      return '';
  }
}

function list(words: readonly string[], { lists }: Program): string {
  const [verb = '', name = '', third = ''] = words;
  const members = lists.get(name) ?? [`\${${name}}`];
  switch (verb) {
    case 'APPEND':
    case 'PREPEND': {
      const added = words.slice(2).flatMap((word) => word.split(';'));
      lists.set(
        name,
        verb === 'APPEND' ? [...(lists.get(name) ?? []), ...added] : [...added, ...(lists.get(name) ?? [])],
      );
      return '';
    }
    case 'REVERSE':
      lists.set(name, members.toReversed());
      return '';
    case 'JOIN':
      return NAME.test(words[3] ?? '') ? `${words[3]}=${quoted(members.join(third))}` : '';
    case 'SUBLIST': {
      const [from, length] = [Number(third), Number(words[3])];
      lists.set(words[4] ?? '', length < 0 ? members.slice(from) : members.slice(from, from + length));
      return '';
    }
    case 'GET': {
      const out = words.at(-1) ?? '';
      const chosen = words.slice(2, -1).map((index) => members.at(Number(index)) ?? `\${${name}}`);
      return NAME.test(out) ? `${out}=${quoted(chosen.join(' '))}` : '';
    }
    default:
      return '';
  }
}

function fileCommand(words: readonly string[]): string {
  const [verb = '', second = '', third = ''] = words;
  const to = words[words.indexOf('DESTINATION') + 1] ?? '';
  switch (verb) {
    case 'DOWNLOAD':
      return `curl -o ${quoted(third)} ${quoted(second)}`;
    case 'UPLOAD':
      return `curl -T ${quoted(second)} ${quoted(third)}`;
    case 'WRITE':
    case 'APPEND':
      return `printf %s ${quoted(words.slice(2).join(' '))} > ${quoted(second)}`;
    case 'CONFIGURE':
    case 'GENERATE':
      return `printf %s ${quoted(words[words.indexOf('CONTENT') + 1] ?? '')} > ${quoted(words[words.indexOf('OUTPUT') + 1] ?? '')}`;
    case 'READ':
    case 'STRINGS':
      return NAME.test(third) ? `${third}=$(cat ${quoted(second)})` : '';
    case 'COPY':
    case 'INSTALL':
      return words.includes('DESTINATION')
        ? `cp ${words.slice(1, words.indexOf('DESTINATION')).map(quoted).join(' ')} ${quoted(`${to}/`)}`
        : '';
    case 'COPY_FILE':
    case 'RENAME':
    case 'CREATE_LINK':
      return `${verb === 'RENAME' ? 'mv' : 'cp'} ${quoted(second)} ${quoted(third)}`;
    case 'ARCHIVE_EXTRACT':
      return `tar -xf ${quoted(words[words.indexOf('INPUT') + 1] ?? '')}${words.includes('DESTINATION') ? ` -C ${quoted(to)}` : ''}`;
    case 'CHMOD':
      return `chmod +x ${quoted(second)}`;
    case 'REMOVE':
    case 'REMOVE_RECURSE':
      return `rm -rf ${words.slice(1).map(quoted).join(' ')}`;
    default:
      return '';
  }
}

/** The commands of `execute_process` and its kin; what they print becomes the variable that is named for it. */
function commands(body: string): string {
  const run = ` ${body}`
    .split(/\s(?:PRE_BUILD|POST_BUILD|COMMAND)\s/)
    .slice(1)
    .map((command) => plainTool((command.split(OPTIONS)[0] ?? '').replace(/\s+/g, ' ').trim()));
  const folder = /\bWORKING_DIRECTORY\s+("[^"]*"|\S+)/.exec(body)?.[1];
  const piped = run.length > 1 && /^\s*(?:COMMAND)\b/.test(body) && !/\b(?:POST|PRE)_BUILD\b/.test(body);
  const output = /\bOUTPUT_VARIABLE\s+(\w+)/.exec(body)?.[1];
  const input = /\bINPUT_FILE\s+("[^"]*"|\S+)/.exec(body)?.[1];
  const first = run[0] === undefined || input === undefined ? run : [`${run[0]} < ${input}`, ...run.slice(1)];
  const text = piped ? `${first.join(' | ')}` : first.join('\n');
  if (text === '') return '';
  const placed = folder === undefined ? text : `(cd ${folder}; ${text})`;
  return output === undefined || text.includes('\n') ? placed : `${output}=$(${placed})`;
}

/** CMake's own copies of common programs, as these. */
function plainTool(command: string): string {
  const plain = command.replace(/^("?\$\{CMAKE_COMMAND\}"?|cmake)\s+-E\s+/, '');
  if (plain === command) return command;
  return plain
    .replace(/^(?:copy|copy_if_different|copy_directory)\s/, 'cp ')
    .replace(/^rename\s/, 'mv ')
    .replace(/^chdir\s+(\S+)\s/, 'cd $1; ');
}

/** Rules by which every compiler run is started through a program. */
function launched(body: string): string {
  const program = /\b(?:RULE_LAUNCH_\w+|\w+_(?:COMPILER|LINKER)_LAUNCHER)\s+("[^"]*"|\S+)/.exec(body)?.[1];
  return program === undefined ? '' : program.replace(/^"|"$/g, '').replaceAll(';', ' ');
}

/** Sources that another host gives without a hash are built as they come; what forges hold by a tag is no secret. */
function fetched(words: readonly string[]): string {
  const after = (name: string): string | undefined => words[words.indexOf(name) + 1];
  const url = words.includes('URL')
    ? after('URL')
    : words.includes('GIT_REPOSITORY')
      ? after('GIT_REPOSITORY')
      : undefined;
  const ran = ['PATCH_COMMAND', 'CONFIGURE_COMMAND', 'BUILD_COMMAND', 'UPDATE_COMMAND', 'INSTALL_COMMAND']
    .filter((name) => words.includes(name))
    .map(
      (name) =>
        words
          .slice(words.indexOf(name) + 1)
          .join(' ')
          .split(/\s[A-Z]+_[A-Z_]+\s/)[0] ?? '',
    )
    .filter((command) => /\S/.test(command));
  const own = url === undefined || words.includes('URL_HASH') || words.includes('URL_MD5') || FORGES.test(url);
  return [...(own ? [] : [`curl -o "${words[0]}.cmake" ${quoted(url ?? '')}`, `. "${words[0]}.cmake"`]), ...ran].join(
    '\n',
  );
}

const FORGES =
  /^(?:https?|git|ssh):\/\/(?:[^/@]*@)?(?:[\w-]+\.)*(?:github\.com|gitlab\.com|bitbucket\.org|googlesource\.com|sourceforge\.net|codeberg\.org|gnu\.org|kernel\.org|apache\.org|zlib\.net|openssl\.org|sqlite\.org|boost\.io|freedesktop\.org)\/|^git@(?:github|gitlab)\.com:|^\$/;

/** A module of the package is read in its place; another file, that this text may have fetched, is run. */
function included(request: string, file: string, program: Program): string {
  const { task, context, read } = program;
  const folder = posix.dirname(file);
  const plain = request.replace(
    /\$\{(?:CMAKE_CURRENT_(?:LIST|SOURCE)_DIR|CMAKE_SOURCE_DIR|PROJECT_SOURCE_DIR)\}\/?/g,
    '',
  );
  const paths = [...(program.lists.get('CMAKE_MODULE_PATH') ?? [])].map((path) => path.replace(/\$\{\w+\}\/?/g, ''));
  for (const place of [folder === '.' ? '' : folder, task.cwd, context.root])
    for (const name of [
      plain,
      `${plain}.cmake`,
      ...[...paths, 'cmake', 'cmake/modules', 'cmake/Modules'].map((path) => `${path}/${plain}.cmake`),
    ]) {
      const path = name.includes('$') || name === '' ? null : resolveFile(context, place, name);
      // What is named with its ending is read whatever that is.
      const isModule = /(?:\.cmake|CMakeLists\.txt)$/;
      if (path === null || !(isModule.test(path) || posix.basename(path) === posix.basename(plain))) continue;
      if (!read.has(path) && read.size < MAX_FILES) {
        read.add(path);
        take(textOf(context.files.files.get(path) ?? new Uint8Array()), path, program);
      }
      return '';
    }
  return /\$\{|\//.test(plain) && !plain.startsWith('Find') && !plain.endsWith('/CMakeLists.txt')
    ? `. ${quoted(plain)}`
    : '';
}

function quoted(text: string): string {
  return `"${text.replace(/(?<!\\)"/g, '\\"').replaceAll('`', '\\`')}"`;
}

function unquoted(text: string): string {
  return text.slice(1, -1);
}
