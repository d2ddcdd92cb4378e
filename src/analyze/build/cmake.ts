import { posix } from 'node:path';
import { resolveFile } from '../entry-points/index.js';
import { emptyResult, type FrontEndResult, type ScanContext, type TextTask } from '../task.js';

const OPTIONS =
  /\s(?:OUTPUT_VARIABLE|RESULT_VARIABLE|RESULTS_VARIABLE|ERROR_VARIABLE|WORKING_DIRECTORY|DEPENDS|COMMENT|VERBATIM|OUTPUT_QUIET|ERROR_QUIET|OUTPUT_STRIP\w*|ERROR_STRIP\w*|TIMEOUT|ECHO_\w+|COMMAND_ECHO|ENCODING|BYPRODUCTS|USES_TERMINAL|MAIN_DEPENDENCY)\b/;

/**
 * Reads CMake as one shell text: `set` is an assignment, `file(DOWNLOAD)` a download, `include` of a file that the package has not
 * runs it, `execute_process` is its command. Modules of the package are read as files of their own.
 */
export function interpretCmake(task: TextTask, context: ScanContext): FrontEndResult {
  const result = emptyResult();
  const text = task.text.replace(/#\[(=*)\[[\s\S]*?\]\1\]|#[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
  const lines: string[] = [];
  let first = 0;
  for (const match of text.matchAll(
    /\b([A-Za-z_]\w*)\s*\(((?:"(?:\\.|[^"\\])*"|[^()"]|\((?:"(?:\\.|[^"\\])*"|[^()"])*\))*)\)/g,
  )) {
    const said = statement((match[1] ?? '').toLowerCase(), (match[2] ?? '').trim(), task, context, result);
    if (said === '') continue;
    first ||= task.line + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
    lines.push(said);
  }
  if (lines.length > 0)
    result.next.push({
      ...task,
      language: 'shell',
      text: lines.join('\n'),
      line: first,
      taints: [],
      depth: task.depth + 1,
    });
  return result;
}

function statement(name: string, body: string, task: TextTask, context: ScanContext, result: FrontEndResult): string {
  const words = [...body.matchAll(/"((?:\\.|[^"\\])*)"|([^\s"]+)/g)].map((word) => word[1] ?? word[2] ?? '');
  const [head = '', second = '', third = ''] = words;
  switch (name) {
    case 'set':
      return /^[A-Za-z_]\w*$/.test(head) && words.length < 12
        ? `${head}=${quoted(
            words
              .slice(1)
              .filter((word) => !/^(?:CACHE|STRING|PATH|INTERNAL|PARENT_SCOPE|FORCE)$/.test(word))
              .join(' '),
          )}`
        : '';
    case 'string':
      return /^(?:CONCAT|APPEND)$/.test(head)
        ? `${second}${head === 'APPEND' ? '+' : ''}=${quoted(words.slice(2).join(''))}`
        : '';
    case 'cmake_host_system_information':
      return /\b(?:FQDN|HOSTNAME)\b/.test(body) ? `${/RESULT\s+(\w+)/.exec(body)?.[1] ?? 'X'}=$(hostname)` : '';
    case 'file':
      return head === 'DOWNLOAD'
        ? `curl -o ${quoted(third)} ${quoted(second)}`
        : head === 'UPLOAD'
          ? `curl -T ${quoted(second)} ${quoted(third)}`
          : /^(?:WRITE|APPEND)$/.test(head)
            ? `printf %s ${quoted(words.slice(2).join(' '))} > ${quoted(second)}`
            : '';
    case 'fetchcontent_declare':
    case 'externalproject_add':
      return fetched(words);
    case 'include':
      return included(head, task, context, result);
    case 'add_subdirectory':
      return included(`${head}/CMakeLists.txt`, task, context, result);
    case 'execute_process':
    case 'add_custom_command':
    case 'add_custom_target':
    case 'exec_program':
      return ` ${body}`
        .split(/\s(?:PRE_BUILD|POST_BUILD|COMMAND)\s/)
        .slice(1)
        .map((command) => (command.split(OPTIONS)[0] ?? '').replace(/\s+/g, ' ').trim())
        .join('\n');
    default:
      return '';
  }
}

/** Sources that another host gives without a hash are built as they come; what forges hold by a tag is no secret. */
function fetched(words: readonly string[]): string {
  const after = (name: string): string | undefined => words[words.indexOf(name) + 1];
  const url = words.includes('URL')
    ? after('URL')
    : words.includes('GIT_REPOSITORY')
      ? after('GIT_REPOSITORY')
      : undefined;
  if (url === undefined || words.includes('URL_HASH') || words.includes('URL_MD5') || FORGES.test(url)) return '';
  return `curl -o "${words[0]}.cmake" ${quoted(url)}\n. "${words[0]}.cmake"`;
}

const FORGES =
  /^(?:https?|git|ssh):\/\/(?:[^/@]*@)?(?:[\w-]+\.)*(?:github\.com|gitlab\.com|bitbucket\.org|googlesource\.com|sourceforge\.net|codeberg\.org|gnu\.org|kernel\.org|apache\.org|zlib\.net|openssl\.org|sqlite\.org|boost\.io|freedesktop\.org)\/|^git@(?:github|gitlab)\.com:|^\$/;

/** A module of the package is read; another file, that this text may have fetched, is run. */
function included(request: string, task: TextTask, context: ScanContext, result: FrontEndResult): string {
  const folder = posix.dirname(task.file);
  const plain = request.replace(
    /\$\{(?:CMAKE_CURRENT_(?:LIST|SOURCE)_DIR|CMAKE_SOURCE_DIR|PROJECT_SOURCE_DIR)\}\/?/g,
    '',
  );
  for (const place of [folder === '.' ? '' : folder, task.cwd, context.root])
    for (const name of [
      plain,
      `${plain}.cmake`,
      `cmake/${plain}.cmake`,
      `cmake/modules/${plain}.cmake`,
      `cmake/Modules/${plain}.cmake`,
    ]) {
      const path = name.includes('$') || name === '' ? null : resolveFile(context, place, name);
      if (path === null || !/(?:\.cmake|CMakeLists\.txt)$/.test(path) || path === task.file) continue;
      result.next.push({ kind: 'file', path, entry: { ...task.entry, file: path }, language: 'make' });
      return '';
    }
  return /\$\{|\//.test(plain) ? `. ${quoted(plain)}` : '';
}

function quoted(text: string): string {
  return `"${text.replace(/(?<!\\)"/g, '\\"').replaceAll('`', '\\`')}"`;
}
