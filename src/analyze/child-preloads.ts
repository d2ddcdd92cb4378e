import { posix } from 'node:path';
import { dataText } from './data-urls.js';
import { languageOf } from './entry-points/index.js';
import type { EntryPoint, Observation } from './observation.js';
import type { CodeLanguage, FileTask, ScanContext, Task, TextTask } from './task.js';
import { templatesOf, writtenContents } from './written-contents.js';

const MOST = 8;
const LONGEST = 20_000;

const OWN_FOLDER = String.raw`(?:file:\/\/)?\/project\/node_modules\/(?:@[^/\s"']+\/)?[^/\s"'@\uFFFC]+`;
const OWN_PATH = new RegExp(`${OWN_FOLDER}(?:/([^\\s"'\\\\:;,\\uFFFC]*))?(?=["'\\\\\\s:;,]|$)`, 'g');

/** `--require=/own/file`, in a list of words or in NODE_OPTIONS, quoted or not. */
const PRELOADED = new RegExp(
  `(?:^|[\\s"'])(?:-r|--require|--import|--preload|--(?:experimental-)?loader)[\\s"'\\\\,=]+${OWN_FOLDER}/([^\\s"'\\\\,\\uFFFC]+)`,
  'g',
);

/** Variables whose files other programs run or load, by the language in which they do. */
const RUN_BY_VARIABLE: readonly { name: RegExp; language: CodeLanguage | null }[] = [
  { name: /^(?:BASH_ENV|ENV|PROMPT_COMMAND)$/, language: 'shell' },
  { name: /^PYTHONSTARTUP$/, language: 'python' },
  { name: /^PERL5OPT$/, language: 'perl' },
  { name: /^RUBYOPT$/, language: 'ruby' },
  {
    name: /^(?:LD_PRELOAD|DYLD_INSERT_LIBRARIES|PYTHONPATH|ZDOTDIR|GIT_(?:SSH|SSH_COMMAND|ASKPASS|EDITOR|SEQUENCE_EDITOR|PAGER|EXTERNAL_DIFF|PROXY_COMMAND)|(?:SSH|SUDO)_ASKPASS|PAGER|EDITOR|VISUAL|BROWSER|npm_config_script_shell)$/i,
    language: null,
  },
];

/** Files that a program looks for in a folder which a variable names. */
const IN_FOLDER: Readonly<Record<string, readonly string[]>> = {
  PYTHONPATH: ['sitecustomize.py', 'usercustomize.py'],
  ZDOTDIR: ['.zshenv', '.zprofile', '.zshrc', '.zlogin'],
};

/** Any option that makes Node load something first. */
const LOADS_FIRST = /(?:^|[\s"'])(?:-r|--require|--import|--preload|--(?:experimental-)?loader)[\s"'\\,=]/;
const DATA_ADDRESS = /data:(?:text|application)\/javascript[^,\s"]*,[^\s"\uFFFC]+/gi;

/**
 * What a child loads before its own program: options of Node, whoever the program is, and variables of the environment by which
 * shells, interpreters and git are made to run something. Files of the package, and what it wrote elsewhere.
 */
export function childPreloads(
  seen: Observation,
  all: readonly Observation[],
  context: ScanContext,
  base: Pick<TextTask, 'entry' | 'guards' | 'cwd'>,
): Task[] {
  const files = new Map<string, CodeLanguage | null>();
  const tasks: Task[] = [];
  const fields = seen.args.flatMap((each) => Object.entries(each.fields));
  const texts = [...seen.args.map((each) => each.text ?? ''), ...fields.map(([, value]) => value)];
  for (const text of new Set(texts)) {
    if (text.length > LONGEST || !LOADS_FIRST.test(text)) continue;
    for (const path of filesIn(text, PRELOADED)) files.set(path, 'javascript');
    for (const [address] of text.matchAll(DATA_ADDRESS))
      tasks.push(textTask(dataText(address) ?? '', 'javascript', seen, base));
    tasks.push(...writtenBefore(text, 'javascript', all, context, base));
  }
  for (const [field, value] of fields) {
    // The primary of a cluster starts the file, whoever forks.
    if (field === 'exec' && seen.api.startsWith('cluster.'))
      for (const path of filesIn(value, OWN_PATH)) files.set(path, 'javascript');
    const name = field.startsWith('env.') ? field.slice('env.'.length) : '';
    const runs = RUN_BY_VARIABLE.find((each) => each.name.test(name));
    if (runs === undefined) continue;
    const looked = IN_FOLDER[name];
    for (const path of filesIn(value, OWN_PATH))
      for (const each of looked === undefined ? [path] : looked.map((file) => posix.join(path, file)))
        files.set(each, runs.language);
    tasks.push(...writtenBefore(value, runs.language, all, context, base));
  }
  for (const [path, language] of files) tasks.push(...taskFor(path, language, context, base.entry));
  return tasks.slice(0, MOST);
}

/** What stands in files that the package wrote and that are named. */
export function writtenBefore(
  text: string,
  language: CodeLanguage | null,
  all: readonly Observation[],
  context: ScanContext,
  base: Pick<TextTask, 'entry' | 'guards' | 'cwd'>,
): Task[] {
  return all.flatMap((written): Task[] => {
    const path = written.sink === 'fs.write' ? written.target : null;
    if (path === null || path.length < 4 || !path.includes('/') || path.startsWith('./') || !text.includes(path))
      return [];
    const own = templatesOf(written, context.files).flatMap((each) => taskFor(each, language, context, base.entry));
    if (own.length > 0) return own;
    return writtenContents(written, context.files).map((content) => {
      const known = language ?? languageOf(path, Buffer.from(content.text)) ?? 'shell';
      return textTask(content.text, known, written, base);
    });
  });
}

function textTask(
  text: string,
  language: CodeLanguage,
  { file, line }: Observation,
  base: Pick<TextTask, 'entry' | 'guards' | 'cwd'>,
): TextTask {
  return { kind: 'text', language, text, taints: [], depth: 1, file, line, ...base };
}

function filesIn(text: string, pattern: RegExp): string[] {
  if (!text.includes('/project/node_modules/')) return [];
  return [...text.matchAll(pattern)].map(([, path = '']) => posix.normalize(path));
}

const ENDINGS = ['', '.js', '.cjs', '.mjs', '/index.js'];

function taskFor(
  path: string,
  language: CodeLanguage | null,
  { files: { files } }: ScanContext,
  entry: EntryPoint,
): FileTask[] {
  const file = ENDINGS.map((ending) => path + ending).find((each) => files.has(each));
  if (file === undefined) return [];
  const bytes = files.get(file) ?? new Uint8Array();
  const own = languageOf(file, bytes);
  const chosen = own === 'binary' ? own : (language ?? own);
  // What the program itself was started with says nothing of what it loads first.
  const { args: _, ...plain } = entry;
  return [{ kind: 'file', path: file, entry: { ...plain, file }, ...(chosen === null ? {} : { language: chosen }) }];
}
