import { posix } from 'node:path';
import { languageOf } from './entry-points/index.js';
import { filledScript, filledText, nameOfTemplate } from './fill-template.js';
import type { EntryPoint, Observation } from './observation.js';
import { textOf } from './package-files.js';
import { DATA_FILE } from './planted-texts.js';
import { type CodeLanguage, HOLE, type ScanContext, type Task, type TextTask } from './task.js';
import { templatesOf } from './written-contents.js';

const LARGEST = 120_000;
const MOST = 120;

/** Folders and endings of what a package makes others' files from. */
const TEMPLATE =
  /(?:^|\/)(?:_?templates?|(?:template|starter|boilerplate)s?[-_.][\w.-]+|boilerplates?|skeletons?|scaffold(?:s|ing)?|starters?|stubs?|blueprints?|schematics\/.*\/files)\/|\.(?:tpl|tmpl|template|hbs|handlebars|mustache|ejs|ejs\.t|njk|liquid)$/i;

const SENDS =
  /\b(?:fetch|https?|http2|net|tls|dgram|dns|axios|got|undici|needle|request|ky|superagent|WebSocket|sendBeacon|nodemailer|curl|wget|requests|urllib|nc)\b|\/dev\/(?:tcp|udp)\//;
const WORTH_STEALING =
  /\bprocess\b|\benviron\b|\b(?:print)?env\b|\$\{?\w*(?:TOKEN|SECRET|PASSWORD)\b|\bhomedir\b|\bHOME\b|\.(?:env|npmrc|ssh|aws|kube|netrc|docker)\b|\beval\b|\bFunction\b|\bread\s+-\w*s|\baskpass\b|\bchild_process\b|\bgit\s+credential\b|\bvm\b|\bimport\s*\(\s*(?:['"`]data:|[^'"`\s)])/;
const MODULE = /^\s*(?:import\b|export\b)|\brequire\s*\(|\bmodule\.exports\b/m;

interface Script {
  path: string;
  text: string;
  placed: boolean;
}

/** Places of the user and of the system, where what is written stays and is started by others. */
const PLACED = /^(?:~|\$HOME|\$TMP|\/(?!project\/)|%\w+%)/;

/**
 * Code that a package gives to others instead of running it: what it writes or copies into a project, and the templates that it
 * brings along. It is read as what it does there, under a phase of its own, so that only grave deeds count.
 */
export class PlantedCode {
  private readonly context: ScanContext;
  private readonly virtualFiles: Map<string, string>;
  private readonly seen = new Set<string>();

  constructor(context: ScanContext, virtualFiles: Map<string, string>) {
    this.context = context;
    this.virtualFiles = virtualFiles;
  }

  /** Templates that lie in the package under a name that says so. */
  brought(): Task[] {
    if (this.context.root !== '') return [];
    return this.read([...this.context.files.files.keys()].filter((path) => TEMPLATE.test(path)));
  }

  /** What was seen to be written or copied. */
  written(observations: readonly Observation[]): Task[] {
    const own = new Map<string, string>();
    const tasks: Task[] = [];
    for (const seen of observations) {
      if (seen.target?.startsWith('./') === true && seen.sink === 'fs.write') continue;
      for (const path of templatesOf(seen, this.context.files)) own.set(path, placeOf(seen));
      if (seen.sink === 'fs.write' && seen.language === 'javascript') tasks.push(...this.texts(seen));
    }
    return [...tasks, ...this.read([...own.keys()], own)];
  }

  private read(paths: readonly string[], targets: ReadonlyMap<string, string> = new Map()): Task[] {
    const scripts: Script[] = [];
    const tasks: Task[] = [];
    for (const path of paths.slice(0, MOST)) {
      const bytes = this.context.files.files.get(path);
      const target = targets.get(path) ?? '';
      const placed = PLACED.test(target);
      if (bytes === undefined || bytes.byteLength > LARGEST || this.isSeen(placed ? `${path}\0placed` : path)) continue;
      const text = textOf(bytes);
      const language = languageOfTemplate(path, target, text);
      if (language === 'javascript') scripts.push({ path, text, placed });
      else if (READABLE.has(language ?? '') && isWorthReading(text))
        tasks.push(this.taskOf(path, filledText(text), language as CodeLanguage, placed));
    }
    if (!isWorthReading(scripts.map(({ text }) => text).join('\n'))) return tasks;
    return [...tasks, ...scripts.flatMap((script) => this.scriptTasks(script))];
  }

  /** A script under the name that it gets, so that others find it by its imports. */
  private scriptTasks({ path, text, placed }: Script): Task[] {
    const code = filledScript(text);
    if (code === null) return [];
    const { files } = this.context.files;
    const plain = nameOfTemplate(path);
    const name = /\.[cm]?[jt]sx?$/.test(plain) ? plain : `${plain}.js`;
    const isTaken = name !== path && (files.has(name) || this.virtualFiles.has(name));
    const file = name === path && code !== text ? `${name}~.js` : isTaken ? `${name}~.js` : name;
    if (file !== path) this.virtualFiles.set(file, code);
    if (!SENDS.test(text) && !WORTH_STEALING.test(text)) return [];
    if (file === path) return [{ kind: 'file', path, entry: plantedEntry(path, placed), language: 'javascript' }];
    return [{ ...this.taskOf(path, code, 'javascript', placed), name: file }];
  }

  private texts(seen: Observation): Task[] {
    const name = `written ${posix
      .basename(seen.target ?? '…')
      .replaceAll(HOLE, '…')
      .slice(0, 50)}`;
    const placed = PLACED.test(placeOf(seen));
    return seen.args.slice(1).flatMap(({ text }): Task[] => {
      if (text === null || text.length < 80 || text.length > LARGEST || !isWorthReading(text) || this.isSeen(text))
        return [];
      const language = languageOfTemplate('', placeOf(seen), text);
      if (language !== 'javascript')
        return READABLE.has(language ?? '') ? [this.taskOf(name, text, language as CodeLanguage, placed)] : [];
      const code = filledScript(text);
      return code === null ? [] : [this.taskOf(name, code, 'javascript', placed)];
    });
  }

  private taskOf(path: string, text: string, language: CodeLanguage, placed: boolean): TextTask {
    const entry = plantedEntry(path, placed);
    return { kind: 'text', language, text, entry, file: path, line: 1, taints: [], cwd: '', depth: 1 };
  }

  private isSeen(key: string): boolean {
    const known = this.seen.has(key);
    this.seen.add(key);
    return known;
  }
}

const READABLE: ReadonlySet<string> = new Set(['shell', 'python', 'perl', 'ruby', 'php', 'powershell', 'batch']);

function plantedEntry(file: string, placed: boolean): EntryPoint {
  return { phase: 'metadata', file, via: `template ${file}`, planted: true, ...(placed ? { placed } : {}) };
}

function isWorthReading(text: string): boolean {
  return SENDS.test(text) && WORTH_STEALING.test(text);
}

/** Where something is written; a hook of git, where only git said where its hooks lie. */
function placeOf({ target, args }: Observation): string {
  const told = args[0]?.taints.some(({ source, detail }) => source === 'process.output' && GIT_FOLDER.test(detail));
  return target ?? (told === true ? 'hooks/pre-commit' : '');
}

const GIT_FOLDER = /\bgit\b.*(?:--git-(?:path|common-dir|dir)|core\.hooksPath)/i;
const HOOK =
  /(?:^|\/)hooks\/[\w\uFFFC-]+$|\/(?:(?:post|pre|prepare)-(?:commit(?:-msg)?|checkout|merge|push|rebase|rewrite|receive|merge-commit|applypatch)|commit-msg)$/;

/** Language of a template: by what it is written to, its own name without the endings of templates, or what it looks like. */
function languageOfTemplate(path: string, target: string, text: string): CodeLanguage | null {
  const bytes = Buffer.from(text.slice(0, 200));
  if (DATA_FILE.test(path)) return null;
  const name = posix.basename(target);
  const byName = languageOf(nameOfTemplate(path), bytes) ?? (name.includes(HOLE) ? null : languageOf(name, bytes));
  if (byName !== null) return byName;
  if (HOOK.test(target)) return 'shell';
  return MODULE.test(text) && !/^\s*(?:<|#)/.test(text) && !/\.(?:md|json|ya?ml|css|html?)$/.test(nameOfTemplate(path))
    ? 'javascript'
    : null;
}
