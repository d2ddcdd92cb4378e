import { posix } from 'node:path';
import type { SliceStep } from '../../model.js';
import { resolveFile } from '../entry-points/resolve-file.js';
import { factAt } from '../fact.js';
import { manifestField, PACKAGE_VARIABLE } from '../npm-environment.js';
import type { EntryPoint, Guard, Taint } from '../observation.js';
import { textOf } from '../package-files.js';
import { sourceOfPath, sourceOfVariable } from '../source-tables.js';
import { emptyResult, type FrontEndResult, HOLE, type ScanContext, type Task, type TextTask } from '../task.js';
import { constant, isConstant, mergeTaints, type ShellValue, unknown } from './value.js';

const MAX_STEPS = 4_000;
const LEAST_NAME = 4;

/** cmd is told to open what was answered, as a browser's address is: `start "" …`. */
const OPENED = /^\s*start\s+(?:(?:""|''|\/\w+)\s+)*\uFFFC\s*$/i;

/** Commands that only tidy up, whatever files they are told of. */
const TIDIES = /^(?:rm|rmdir|kill|cd|exit|popd|stty|tput|trap|wait|unset|umount|true)(?:\s[^`]*)?$/;

/** Whether each command of a text is known, and only what it tidies up is not. */
function isCleanUp(text: string): boolean {
  if (/`|\$\(/.test(text)) return false;
  return text.split(/[;&|{}\n]+/).every((part) => part.trim() === '' || TIDIES.test(part.trim()));
}

/** What one run over a shell text knows and has seen. */
export class ShellState {
  readonly variables = new Map<string, ShellValue>();
  readonly written = new Map<string, ShellValue>();
  /** What the functions of the script do when they are called with these arguments. */
  readonly functions = new Map<string, (args: readonly ShellValue[], stdin: ShellValue) => ShellValue>();
  /** `$1`, `$2` …; null where nothing is known of them. */
  positional: readonly ShellValue[] | null = null;
  readonly arrays = new Map<string, readonly ShellValue[]>();
  /** What file descriptors above 2 were opened on. */
  readonly descriptors = new Map<number, ShellValue>();
  readonly guards: Guard[] = [];
  readonly result: FrontEndResult = emptyResult();
  readonly #unpacked = new Map<string, ShellValue>();
  cwd: string;
  #steps = 0;

  /** Folder outside the package that the script has changed to. */
  outside: string | null = null;
  /** Files of the package of which the script has what they define. */
  readonly sourced = new Set<string>();
  /** Files of the package by the paths that the script copied them to. */
  readonly #copies = new Map<string, string>();

  constructor(
    readonly task: TextTask,
    readonly context: ScanContext,
    /** Whether the text is the file itself, so that its own lines count. */
    readonly ownLines: boolean,
  ) {
    this.cwd = task.cwd;
    this.guards.push(...(task.guards ?? []));
    if (ownLines && task.entry.args !== undefined) this.positional = task.entry.args.map((text) => constant(text));
  }

  /** Runs something for what it prints alone: what it does was or will be seen elsewhere. */
  silently<T>(run: () => T): T {
    const { observations, facts, next } = this.result;
    const before = [observations.length, facts.length, next.length];
    const out = this.inPlace(run);
    [observations, facts, next].forEach((list, index) => {
      list.length = before[index] ?? 0;
    });
    return out;
  }

  /** Runs something in a shell of its own: where it changes to does not last. */
  inPlace<T>(run: () => T): T {
    const { cwd, outside } = this;
    const out = run();
    this.cwd = cwd;
    this.outside = outside;
    return out;
  }

  /** Path of the script itself as it was started, '' where the text stands in no file of its own. */
  get self(): string {
    return this.ownLines ? posix.relative(this.context.root, this.task.file) : '';
  }

  /** False when the budget of this text is used up, which is a fact. */
  spend(): boolean {
    this.#steps += 1;
    if (this.#steps === MAX_STEPS) this.fact('limit.shell', `more than ${MAX_STEPS} commands`, 0);
    return this.#steps < MAX_STEPS;
  }

  /** File and line of a position. */
  place(position: number): { file: string; line: number } {
    const placed = this.task.places?.findLast(({ at }) => at <= position);
    return placed === undefined
      ? { file: this.task.file, line: this.line(position) }
      : { file: placed.file, line: placed.line };
  }

  line(position: number): number {
    if (!this.ownLines) return this.task.places?.findLast(({ at }) => at <= position)?.line ?? this.task.line;
    let line = this.task.line;
    for (let at = this.task.text.indexOf('\n'); at >= 0 && at < position; at = this.task.text.indexOf('\n', at + 1))
      line += 1;
    return line;
  }

  taint(source: string, detail: string, position: number): Taint {
    const { file, line } = this.place(position);
    const step: SliceStep = {
      role: 'source',
      file,
      line,
      column: 0,
      note: `${source}: ${detail.slice(0, 120)}`,
    };
    return { source, detail, file, line, through: [], steps: [step] };
  }

  observe(sink: string, api: string, args: readonly ShellValue[], position: number, more: readonly Taint[] = []): void {
    const { file, line } = this.place(position);
    const taints = mergeTaints([...args.flatMap((arg) => arg.taints), ...more]);
    const shown = args
      .map((arg) => arg.text.replaceAll('\uFFFC', '…'))
      .join(' ')
      .slice(0, 160);
    const sinkStep: SliceStep = { role: 'sink', file, line, column: 0, note: `${api}: ${shown}` };
    this.result.observations.push({
      sink,
      api,
      target: args[0]?.text ?? null,
      language: 'shell',
      args: args.map((arg) => ({
        text: arg.text,
        constant: isConstant(arg),
        taints: arg.taints,
        decoded: arg.decoded,
        fields: {},
      })),
      taints,
      guards: [...this.guards],
      entry: this.task.entry,
      unasked: this.task.entry.asked !== true,
      resolved: true,
      file,
      line,
      column: 0,
      steps: [...(taints[0]?.steps ?? []), sinkStep],
    });
  }

  fact(id: string, detail: string, position: number): void {
    this.result.facts.push(factAt(id, detail, { ...this.place(position), entry: this.task.entry }));
  }

  next(task: Task): void {
    this.result.next.push(task);
  }

  /** Hands a text of some language on; one that is not fully known and came from outside is remote code. */
  run(
    language: TextTask['language'],
    text: ShellValue,
    position: number,
    api: string,
    rest: readonly ShellValue[] | null = null,
  ): void {
    const foreign = text.taints.some((taint) => /^(?:net|dns)\./.test(taint.source));
    const isInput = text.text === this.task.input;
    if (language === 'shell' && OPENED.test(text.text)) {
      this.observe('process.spawn', 'shell.start', [text], position);
      return;
    }
    const isOpen = !isConstant(text) && !isInput && !(api === 'shell.trap' && isCleanUp(text.text));
    if (foreign || isOpen) this.observe('code.eval', api, [text], position);
    if (foreign || text.text.replaceAll('\uFFFC', '').trim() === '') return;
    const { places: _, input, inputTaints: _carried, programTaints: _program, ...task } = this.task;
    const { args: _args, ...entry } = task.entry;
    this.next({
      ...task,
      entry: rest === null ? entry : withArguments(entry, rest),
      ...this.place(position),
      kind: 'text',
      language,
      // What is not known stands within texts and names.
      text: isInput && language === 'javascript' ? text.text.replaceAll(HOLE, '_') : text.text,
      taints: text.taints,
      cwd: this.cwd,
      depth: this.task.depth + 1,
      ...(input !== undefined && language === 'shell' && !isInput ? { input } : {}),
    });
  }

  /** What reading a path gives: what was written there before, the content of a small file of the package, or a taint by its path. */
  readPath(asked: ShellValue, position: number): ShellValue {
    const path = this.#placed(asked);
    const key = normalise(path.text);
    const before = this.written.get(key);
    if (before !== undefined) return before;
    const channel = this.context.channels.get(key) ?? this.context.channels.get(path.text.replace(/^\/tmp\//, '$TMP/'));
    if (channel !== undefined) return unknown(channel);
    const source = sourceOfPath(this.context.tables, path.text);
    if (source !== null) {
      this.observe('fs.read', 'shell.read', [path], position);
      return unknown([...path.taints, this.taint(source, path.text, position)]);
    }
    const bytes = this.context.files.files.get(this.ownFile(path.text) ?? '');
    if (bytes !== undefined && bytes.byteLength < 65_536) return constant(textOf(bytes));
    return unknown(path.taints);
  }

  /** The one file of the package that a path means, also where its folder is not known or its name is a pattern. */
  ownFile(path: string): string | null {
    const { context, cwd } = this;
    const exact = resolveFile(context, cwd, path) ?? resolveFile(context, context.root, path);
    if (exact !== null || !/[\uFFFC*?]/.test(path)) return exact;
    const tail = path.replace(/^\uFFFC\//, '').replace(/^\.\//, '');
    if (tail.replace(/[\uFFFC*?/.]/g, '').length < 3) return null;
    const pattern = new RegExp(
      `^${path.startsWith('\uFFFC/') ? '(?:.*/)?' : ''}${tail
        .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
        .replace(/[\uFFFC*]+/g, '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    const found = [...context.files.files.keys()].filter((each) => pattern.test(each));
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  /** Remembers that a file of the package lies under another path, too. */
  copied(from: string, to: string): void {
    const own = this.copiedFrom(from) ?? this.ownFile(from);
    if (own !== null && own !== undefined) this.#copies.set(normalise(this.#placed(constant(to)).text), own);
  }

  /** The file of the package that was copied to a path. */
  copiedFrom(path: string): string | undefined {
    return this.#copies.get(normalise(this.#placed(constant(path)).text));
  }

  /** What JavaScript of the package has put into a file, where that is worth a taint. */
  channelAt(path: string): ShellValue | undefined {
    const channel = this.context.channels.get(normalise(path)) ?? this.context.channels.get(path);
    return channel === undefined ? undefined : unknown(channel);
  }

  /** A relative path below the folder that the script has changed to. */
  #placed(path: ShellValue): ShellValue {
    // `../../x` is as short as it gets.
    const isShortest = !/^[^\uFFFC]*\/\.\.(?:\/|$)/.test(path.text) || /^\w+:/.test(path.text);
    const plain = isShortest ? path.text : posix.normalize(path.text);
    if (plain !== path.text) return this.#placed({ ...path, text: plain });
    return this.outside === null || /^(?:[~/$]|[A-Za-z]:|\uFFFC|-|\.\.\/)/.test(path.text)
      ? path
      : { ...path, text: `${this.outside}/${path.text.replace(/^\.\//, '')}`.replace(/\/\.$/, '') };
  }

  /** A write of a path; what is written is remembered for a later read or run. */
  writePath(asked: ShellValue, content: ShellValue, append: boolean, position: number, api = 'shell.write'): void {
    const path = this.#placed(asked);
    const key = normalise(path.text);
    const before = append ? this.written.get(key) : undefined;
    this.written.set(
      key,
      before === undefined
        ? content
        : {
            ...content,
            text: `${before.text}\n${content.text}`,
            taints: mergeTaints([...before.taints, ...content.taints]),
          },
    );
    this.observe('fs.write', api, [path, content], position);
    const fetched = content.taints.filter(({ source }) => source === 'net.response');
    if (fetched.length > 0 && key.replaceAll(HOLE, '').length >= LEAST_NAME) this.context.fetched.set(key, fetched);
  }

  /** What another command of the package has downloaded to a path. */
  fetchedAt(path: string): ShellValue | undefined {
    const key = normalise(path);
    const fetched =
      this.context.fetched.get(key) ?? this.context.fetched.get(normalise(this.#placed(constant(path)).text));
    return fetched === undefined || this.ownFile(path) !== null ? undefined : unknown(fetched);
  }

  /** What was written to a path, with or without Windows' ending. */
  writtenAt(path: string): ShellValue | undefined {
    const key = normalise(path);
    const placed = normalise(this.#placed(constant(path)).text);
    for (const name of [key, placed, `${key}.exe`, `${placed}.exe`]) {
      const content = this.written.get(name);
      if (content !== undefined) return content;
    }
    return undefined;
  }

  /** Remembers that a download was unpacked into a folder. */
  unpackedInto(folder: string, content: ShellValue): void {
    this.#unpacked.set(normalise(folder), content);
  }

  /** A folder that was fetched (clone, unpacked download) in which this path lies. */
  downloadedFolder(path: string): ShellValue | undefined {
    const key = normalise(path);
    for (const [folder, content] of this.#unpacked) {
      const own = resolveFile(this.context, this.cwd, path);
      if (own === null && (folder === '.' ? !/^[~/$]/.test(key) : key.startsWith(`${folder}/`))) return content;
    }
    for (const [folder, content] of this.written) {
      if (key.startsWith(`${folder}/`) && content.taints.some((taint) => taint.source === 'net.response'))
        return content;
    }
    return undefined;
  }

  setVariable(name: string, value: ShellValue): void {
    this.variables.set(name, value);
  }

  env(name: string, position: number): ShellValue {
    return this.variables.get(name) ?? predefined(this, name, position);
  }
}

function predefined(state: ShellState, name: string, position: number): ShellValue {
  if (/^(?:HOME|USERPROFILE)$/i.test(name)) return constant('~');
  if (/^(?:APPDATA|LOCALAPPDATA)$/i.test(name))
    return constant(`~/AppData/${/^LOCAL/i.test(name) ? 'Local' : 'Roaming'}`);
  if (/^(?:TMPDIR|TEMP|TMP)$/i.test(name)) return constant('$TMP');
  if (name === 'PWD') return constant('.');
  if (name === 'INIT_CWD') return constant('$PROJECT');
  if (name === 'NODE' || name === 'npm_node_execpath') return constant('node');
  if (name === 'npm_execpath') return constant('npm');
  if (name === 'SHELL') return constant('sh');
  if (name === 'NVM_DIR') return constant('~/.nvm');
  const field = name.startsWith(PACKAGE_VARIABLE)
    ? manifestField(state.context.manifest.raw, name.slice(PACKAGE_VARIABLE.length))
    : undefined;
  if (field !== undefined) return constant(field, !/^npm_package_(?:name|version)$/.test(name));
  return { text: '\uFFFC', decoded: false, taints: [variableTaint(state, name, position)] };
}

function variableTaint(state: ShellState, name: string, position: number): Taint {
  return state.taint(sourceOfVariable(state.context.tables, name), name, position);
}

function normalise(path: string): string {
  return path
    .replace(/^["']|["']$/g, '')
    .replaceAll('\\', '/')
    .replace(/^\.\//, '');
}

/** An entry with the arguments that it is started with, where each is one word that says something. */
export function withArguments(entry: EntryPoint, rest: readonly ShellValue[]): EntryPoint {
  const { args: _, ...own } = entry;
  return rest.every(isTelling) ? { ...own, args: rest.map(({ text }) => text) } : own;
}

function isTelling(arg: ShellValue): boolean {
  return isConstant(arg) ? arg.taints.length === 0 : arg.text.replaceAll(HOLE, '').length >= LEAST_KNOWN;
}

const LEAST_KNOWN = 4;
