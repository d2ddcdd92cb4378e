import { interpretGyp, interpretMake } from './build/index.js';
import { childPreloads, writtenBefore } from './child-preloads.js';
import { markDecoded } from './decoded-code.js';
import { isExecutableMagic, languageOf, magicOf } from './entry-points/index.js';
import { factAt } from './fact.js';
import { graftedCode } from './grafted-code.js';
import type { JavaScriptFrontEnd } from './javascript-front-end.js';
import { markMachinePasswords } from './machine-passwords.js';
import { withPackageVariables } from './npm-environment.js';
import type { EntryPoint, Fact, Observation, Taint } from './observation.js';
import { textOf } from './package-files.js';
import { PlantedCode } from './planted-code.js';
import { plantedJobs } from './planted-jobs.js';
import { isWorthReading, plantedCommands } from './planted-texts.js';
import { followPrinted, startedAtOf } from './printed.js';
import { interpretShell } from './shell/index.js';
import {
  type CodeLanguage,
  type FileTask,
  type FrontEndResult,
  HOLE,
  type ScanContext,
  type Task,
  type TextTask,
} from './task.js';
import {
  FOREIGN,
  interpretBatch,
  loadedFiles,
  PERL,
  PHP,
  POWERSHELL,
  PYTHON,
  RUBY,
  scanTokens,
  type TextBeside,
} from './tokens/index.js';
import { writtenContents } from './written-contents.js';

const MAX_TASKS = 5_000;
const MAX_DEPTH = 10;
const MAX_ROUNDS = 8;
const MAX_BESIDE = 12;
const MAX_BESIDE_BYTES = 200_000;
const MOST_PIECES = 40;
const MAX_SCRIPT_BYTES = 4 * 1024 * 1024;

/** What the worklist found, and what it read. */
export interface WorklistResult {
  observations: Observation[];
  facts: Fact[];
  /** Paths that some entry reaches, by front ends other than JavaScript's too. */
  read: Set<string>;
  parsed: number;
  /** Texts that stand in no file, under the names that observations use for them. */
  virtualFiles: Map<string, string>;
  /** Shell texts that were read, to be read again when something that they read turns out to carry a taint. */
  shellTexts: { task: TextTask; ownFile: boolean }[];
}

/**
 * Reads from the entries on until nothing new comes: a script leads to files, a file to child processes, these to scripts.
 * JavaScript is read in rounds, all new entries of a round at once.
 */
export function runWorklist(
  first: readonly Task[],
  context: ScanContext,
  javascript: JavaScriptFrontEnd,
): WorklistResult {
  const state: WorklistResult = {
    observations: [],
    facts: [],
    read: new Set(),
    parsed: 0,
    virtualFiles: new Map(),
    shellTexts: [],
  };
  const seen = new Set<string>();
  const planted = new PlantedCode(context, state.virtualFiles);
  let pending: Task[] = [...first, ...planted.brought()];
  let count = 0;
  for (let round = 0; round < MAX_ROUNDS && pending.length > 0; round += 1) {
    const entries: EntryPoint[] = [];
    while (pending.length > 0) {
      const task = pending.shift();
      if (task === undefined || !isNew(task, seen)) continue;
      count += 1;
      if (count > MAX_TASKS) {
        state.facts.push(
          factAt('limit.tasks', `more than ${MAX_TASKS} scripts and files start one another`, {
            file: task.entry.file,
            line: 0,
            entry: task.entry,
          }),
        );
        pending = [];
        break;
      }
      const result = runTask(task, context, state, entries);
      if (result === null) continue;
      state.observations.push(...result.observations);
      state.facts.push(...result.facts.filter(isOfPackage));
      pending.push(...result.next);
    }
    if (entries.length === 0) break;
    const found = javascript(context, entries, state.virtualFiles);
    state.parsed += found.parsed;
    for (const path of found.reached) state.read.add(path);
    markDecoded(found.observations, context, state.virtualFiles);
    for (const observation of found.observations)
      if (observation.entry.calledBack === true || observation.entry.planted === true)
        observation.unasked = observation.entry.asked !== true;
    state.observations.push(...found.observations);
    state.facts.push(...found.facts.filter(isOfPackage));
    state.facts.push(...found.observations.flatMap((each) => plantedJobs(each, context)));
    for (const { sink, target } of found.observations)
      if (sink === 'fs.write' && target !== null) context.written.add(target.replace(/^\.\//, ''));
    pending = found.observations.flatMap((observation) => tasksOf(observation, found.observations, context));
    pending.push(...planted.written(found.observations));
    for (const { task, ownFile } of openChannels(found.observations, context, state.shellTexts)) {
      const again = interpretShell(task, context, ownFile);
      state.observations.push(...again.observations);
      pending.push(...again.next);
    }
  }
  followPrinted(state.observations);
  markMachinePasswords(state.observations);
  state.observations.push(...graftedCode(state.observations, context.manifest.name));
  markCommandBinaries(state.facts);
  return state;
}

/** A program that is started at install and is also what a command of the package starts is what the package is installed for. */
function markCommandBinaries(facts: Fact[]): void {
  const started = facts.filter(({ id }) => id === 'binary.run');
  const ofCommands = new Set(started.filter(({ entry }) => entry?.phase === 'bin').map(({ file }) => file));
  for (const fact of started) if (ofCommands.has(fact.file)) fact.id = 'binary.run.command';
}

/** How well code can be read that runs in somebody else's project says nothing of the package. */
function isOfPackage({ entry }: Fact): boolean {
  return entry?.planted !== true;
}

function isNew(task: Task, seen: Set<string>): boolean {
  const key =
    task.kind === 'file'
      ? `file\0${task.path}\0${(task.entry.args ?? ['?']).join('\u0001')}\0${task.entry.phase}\0${task.entry.asked ?? false}\0${task.entry.loaded ?? false}\0${task.entry.placed ?? false}\0${task.language ?? ''}\0${JSON.stringify(task.make ?? '')}\0${task.inputTaints?.length ?? 0}`
      : `text\0${task.language}\0${task.text}\0${task.cwd}\0${task.entry.phase}\0${task.entry.asked ?? false}\0${task.taints.length}\0${task.input ?? ''}\0${task.inputTaints?.length ?? 0}\0${task.programTaints?.length ?? -1}\0${task.entry.placed ?? false}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function runTask(
  task: Task,
  context: ScanContext,
  state: WorklistResult,
  entries: EntryPoint[],
): FrontEndResult | null {
  return task.kind === 'file' ? runFileTask(task, context, state, entries) : runTextTask(task, context, state, entries);
}

function runFileTask(
  task: FileTask,
  context: ScanContext,
  state: WorklistResult,
  entries: EntryPoint[],
): FrontEndResult | null {
  const bytes = context.files.files.get(task.path);
  if (bytes === undefined) return null;
  if (task.entry.planted !== true) state.read.add(task.path);
  const magic = magicOf(bytes);
  const language = isExecutableMagic(magic)
    ? 'binary'
    : (task.language ?? languageOf(task.path, bytes) ?? guessLanguage(task, bytes));
  const entry = { ...task.entry, file: task.path };
  if (language === 'binary' && isText(bytes) && /\.(?:exe|bin)$/.test(task.path))
    return runFileTask({ ...task, language: 'shell' }, context, state, entries);
  if (language === 'binary') {
    const kind = isExecutableMagic(magic) ? magic : `${magic} file`;
    state.facts.push(
      factAt('binary.run', `${entry.via} starts ${task.path} (${kind}, ${bytes.byteLength} bytes)`, {
        file: task.path,
        line: 0,
        entry,
      }),
    );
    return null;
  }
  if (language === null) {
    state.facts.push(
      factAt('unresolved-entry.language', `${entry.via} starts ${task.path}, whose language is not known`, {
        file: task.path,
        line: 0,
        entry,
      }),
    );
    return null;
  }
  if (language === 'javascript') {
    // Started twice with different arguments: then they say nothing.
    const twin = entries.findIndex(
      ({ file, phase, asked }) => file === entry.file && phase === entry.phase && asked === entry.asked,
    );
    if (twin < 0) entries.push(entry);
    else {
      const { args: _, ...open } = entry;
      entries[twin] = open;
    }
    return null;
  }
  if (bytes.byteLength > MAX_SCRIPT_BYTES)
    state.facts.push(
      factAt('limit.size', `only the first ${MAX_SCRIPT_BYTES} bytes were read`, { file: task.path, line: 0, entry }),
    );
  state.parsed += 1;
  const cwd =
    task.cwd ??
    (language === 'shell' || language === 'batch'
      ? context.root
      : task.path.includes('/')
        ? task.path.slice(0, task.path.lastIndexOf('/'))
        : '');
  const text: TextTask = {
    kind: 'text',
    language,
    text: textOf(bytes.subarray(0, MAX_SCRIPT_BYTES)),
    entry,
    file: task.path,
    line: 1,
    taints: [],
    cwd,
    depth: 0,
    ...(task.make === undefined ? {} : { make: task.make }),
  };
  if (language === 'shell') state.shellTexts.push({ task: text, ownFile: true });
  const loaded = loadedFiles(text.text, language, cwd, new Set(context.files.files.keys()));
  const beside = besideOf(task, loaded, language, context);
  const input = task.inputTaints ?? [];
  if (input.length > 0 && language !== 'shell' && [text, ...beside].some((each) => READS_INPUT.test(each.text)))
    text.taints.push(...input);
  const result = interpret(text, context, true, beside);
  const loadedBy = [...new Set([...(task.loadedBy ?? []), task.path])];
  return {
    ...result,
    next: [
      ...result.next,
      ...loaded.map(
        (path): Task => ({ kind: 'file', path, language, entry: task.entry, loadedBy, inputTaints: input }),
      ),
    ],
  };
}

/** How scripts of other languages read what they are handed. */
const READS_INPUT =
  /\bstdin\b|\bfileinput\b|\binput\s*\(|<STDIN>|<>|\bSTDIN\b|\$stdin\b|\bgets\b|php:\/\/stdin|\[Console\]::(?:In\b|OpenStandardInput|ReadLine)|\$input\b/;

/** The other texts of a small program in several files; in a large one everything would reach everything. */
function besideOf(
  task: FileTask,
  loaded: readonly string[],
  language: CodeLanguage,
  context: ScanContext,
): TextBeside[] {
  const known = new Set(context.files.files.keys());
  const found = new Set([...(task.loadedBy ?? []), ...loaded]);
  let bytes = 0;
  const texts: TextBeside[] = [];
  for (const file of found) {
    if (file === task.path) continue;
    const content = context.files.files.get(file) ?? new Uint8Array();
    bytes += content.byteLength;
    if (found.size > MAX_BESIDE || bytes > MAX_BESIDE_BYTES) return [];
    const text = textOf(content);
    texts.push({ file, text });
    const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
    for (const path of loadedFiles(text, language, folder, known)) found.add(path);
  }
  return texts;
}

function runTextTask(
  task: TextTask,
  context: ScanContext,
  state: WorklistResult,
  entries: EntryPoint[],
): FrontEndResult | null {
  if (task.depth > MAX_DEPTH) {
    state.facts.push(
      factAt('limit.depth', 'scripts in scripts, nested too deeply to be read', {
        file: task.file,
        line: task.line,
        entry: task.entry,
      }),
    );
    return null;
  }
  if (task.language === 'binary') return null;
  if (task.language === 'shell') state.shellTexts.push({ task, ownFile: false });
  if (task.language !== 'javascript') return interpret(task, context, false);
  // A text gets a name beside the file it stands in, so that its relative imports resolve.
  const folder = task.cwd === '' ? '' : `${task.cwd}/`;
  const name =
    task.name ?? `${folder}[${task.entry.via.replaceAll('/', '∕').slice(0, 60)} #${state.virtualFiles.size + 1}].js`;
  state.virtualFiles.set(name, task.text);
  entries.push({ ...task.entry, file: name });
  return null;
}

function interpret(
  task: TextTask,
  context: ScanContext,
  ownFile: boolean,
  beside: readonly TextBeside[] = [],
): FrontEndResult {
  switch (task.language) {
    case 'shell':
      return interpretShell(task, context, ownFile);
    case 'batch':
      return interpretBatch(task, context);
    case 'gyp':
      return interpretGyp(task, context);
    case 'make':
      return interpretMake(task, context);
    default:
      return interpretTokens({ ...task, text: withPackageVariables(task.text, context.manifest.raw) }, context, beside);
  }
}

function interpretTokens(task: TextTask, context: ScanContext, beside: readonly TextBeside[]): FrontEndResult {
  switch (task.language) {
    case 'python':
      return scanTokens(task, context, PYTHON, beside);
    case 'perl':
      return scanTokens(task, context, PERL, beside);
    case 'ruby':
      return scanTokens(task, context, RUBY, beside);
    case 'php':
      return scanTokens(task, context, PHP, beside);
    case 'powershell':
      return scanTokens(task, context, POWERSHELL, beside);
    default:
      return scanTokens(task, context, FOREIGN, beside);
  }
}

/** A program by its name that holds nothing but characters: a stand-in that says what is missing. */
function isText(bytes: Uint8Array): boolean {
  return (
    bytes.byteLength > 0 &&
    bytes.byteLength < 20_000 &&
    bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32)
  );
}

/** A file without extension, shebang or magic: text is what its starter takes it for, anything else is unknown. */
function guessLanguage(task: FileTask, bytes: Uint8Array): CodeLanguage | null {
  if (task.entry.phase === 'import' || task.entry.phase === 'bin') return 'javascript';
  return bytes.subarray(0, 512).includes(0) ? 'binary' : 'shell';
}

/** Child processes and written files that JavaScript starts lead to further texts and files. */
function tasksOf(observation: Observation, all: readonly Observation[], context: ScanContext): Task[] {
  const planted = plantedCommands(observation, writtenContents(observation, context.files));
  if (planted.length > 0) return planted.flatMap((text) => plantedTasks(observation, text, all, context));
  if (observation.language !== 'javascript') return [];
  const base = { entry: childEntryOf(observation), guards: observation.guards, cwd: context.root };
  const starts = observation.sink === 'process.spawn' || observation.sink === 'code.worker';
  return [
    ...(starts ? childPreloads(observation, all, context, base) : []),
    ...commandTasks(observation, all, context),
  ];
}

/** How what a child runs comes to run. */
function childEntryOf(observation: Observation): EntryPoint {
  const { loaded: _, ...starting } = observation.entry;
  const entry = { ...starting, startedAt: startedAtOf(observation) };
  return observation.unasked ? entry : { ...entry, asked: true };
}

/** The command line of a child, and the written files that it names. */
function commandTasks(observation: Observation, all: readonly Observation[], context: ScanContext): Task[] {
  if (observation.sink !== 'process.spawn' && observation.sink !== 'process.stdin') return [];
  const raw = observation.target ?? observation.args[0]?.text ?? HOLE;
  if (isOpened(observation.api, raw)) return [];
  // The runtime's own path is not known, but what it is, is.
  const isRuntime =
    raw.startsWith(HOLE) &&
    all.some(
      ({ file, target, taints }) =>
        file === observation.file &&
        target === observation.target &&
        taints.some((taint) => /process\.(?:execPath|argv0)/.test(taint.detail)),
    );
  const command = isRuntime ? `node${raw.slice(1)}` : raw;
  if (command.replaceAll(HOLE, '').trim() === '') return [];
  const taints = observation.taints.filter((taint) => !/process\.(?:execPath|argv0)/.test(taint.detail));
  const { file, line, guards } = observation;
  const base = { entry: childEntryOf(observation), file, line, guards, cwd: context.root };
  const input = inputOf(observation, all);
  const programTaints = observation.args[0]?.programTaints;
  const program = programTaints === undefined ? {} : { programTaints };
  const tasks: Task[] = [
    { kind: 'text', language: 'shell', text: command, taints, depth: 1, ...base, ...input, ...program },
  ];
  return [...tasks, ...writtenTasks(command, all, base)];
}

/** The system's opener gets an address or a document, no command line; a program that it may start is told by its path. */
function isOpened(api: string, target: string): boolean {
  return /^open(?:\.default)?$/.test(api) && !/^['"]?(?:[$~]|\.{0,2}\/|[a-z]:[\\/])/i.test(target);
}

/** Files that were written and are named by a command: what is known of them is read as what the command starts. */
function writtenTasks(
  command: string,
  all: readonly Observation[],
  base: Pick<TextTask, 'entry' | 'guards' | 'cwd'>,
): TextTask[] {
  return all.flatMap((written): TextTask[] => {
    const path = written.sink === 'fs.write' ? written.target : null;
    if (path === null || path.length < 3 || !command.includes(path)) return [];
    const content = written.args.find((arg, index) => index > 0 && arg.constant && arg.text !== null)?.text;
    if (content === null || content === undefined) return [];
    const language = languageOf(path, Buffer.from(content)) ?? 'shell';
    const { line, file } = written;
    return [{ kind: 'text', language, text: content, taints: [], depth: 1, ...base, line, file }];
  });
}

/** What of a child's input may be worth stealing; what a host sends to it is told where it is written. */
const WORTH_STEALING = /^(?:secret|cloud|env\.|identity|input|file)/;

/** What a child gets to read, as far as it is known: pieces that are written to it one after the other, or an option. */
function inputOf(observation: Observation, all: readonly Observation[]): Pick<TextTask, 'input' | 'inputTaints'> {
  const known = ({ text }: { text: string | null }): boolean => (text?.replaceAll(HOLE, '').length ?? 0) > 2;
  const { file, target, entry, args } = observation;
  if (observation.sink !== 'process.stdin') {
    const option = args[0]?.fields.input ?? null;
    return taskInput(option !== null && known({ text: option }) ? [option] : [], args[0]?.inputTaints ?? []);
  }
  const pieces = all.filter(
    (each) =>
      each.sink === 'process.stdin' && each.file === file && each.target === target && each.entry.phase === entry.phase,
  );
  return taskInput(
    pieces.flatMap((each) => each.args.slice(1).find(known)?.text ?? []),
    pieces.flatMap((each) => each.args.slice(1)).flatMap(({ taints }) => taints),
  );
}

function taskInput(texts: readonly string[], taints: readonly Taint[]): Pick<TextTask, 'input' | 'inputTaints'> {
  const inputTaints = taints.filter(({ source }) => WORTH_STEALING.test(source)).slice(0, MOST_PIECES);
  if (texts.length === 0 && inputTaints.length === 0) return {};
  const input = texts.length === 0 ? HOLE : [...new Set(texts)].slice(0, MOST_PIECES).join('\n');
  return inputTaints.length === 0 ? { input } : { input, inputTaints };
}

/** What somebody else will start, read as if it ran with what planted it: a text that fetches or hides code, and files that it names. */
function plantedTasks(
  { entry, unasked, file, line, guards }: Observation,
  text: string,
  all: readonly Observation[],
  context: ScanContext,
): Task[] {
  const { loaded: _, ...starting } = entry;
  const asked: EntryPoint = { ...starting, planted: true, ...(unasked ? {} : { asked: true }) };
  const base = { entry: asked, guards, cwd: context.root };
  const started = [...writtenTasks(text, all, base), ...sourcedTasks(text, all, context, base)];
  return isWorthReading(text)
    ? [{ kind: 'text', language: 'shell', text, taints: [], depth: 1, file, line, ...base }, ...started]
    : started;
}

/** What only keeps aliases, prompts and completions says nothing. */
const TALKS = /\b(?:curl|wget|ncat?|socat|s_client|telnet)\b|\/dev\/(?:tcp|udp)\/|https?:\/\//;
const HOME_VARIABLE = /\$\{?HOME\}?(?=\/)/g;

/** Files that a start-up file of the shell reads in: what the package copied there or wrote, whatever of it is known. */
function sourcedTasks(
  text: string,
  all: readonly Observation[],
  context: ScanContext,
  base: Pick<TextTask, 'entry' | 'guards' | 'cwd'>,
): Task[] {
  if (!/(?:^|[\s;&|{(])(?:\.|source)\s/.test(text)) return [];
  return writtenBefore(text.replace(HOME_VARIABLE, '~'), 'shell', all, context, base).filter((task) =>
    TALKS.test(task.kind === 'text' ? task.text : textOf(context.files.files.get(task.path) ?? new Uint8Array())),
  );
}

/** Files that JavaScript wrote something worth a taint to: shell texts that name them are to be read again. */
function openChannels(
  observations: readonly Observation[],
  context: ScanContext,
  texts: WorklistResult['shellTexts'],
): WorklistResult['shellTexts'] {
  const opened: string[] = [];
  for (const { sink, target, taints } of observations) {
    if (
      sink !== 'fs.write' ||
      target === null ||
      target.length < 4 ||
      target.includes(HOLE) ||
      context.channels.has(target)
    )
      continue;
    const carried = taints.filter((taint) =>
      /^(?:secret|env\.all|identity|cloud|net\.response|input)/.test(taint.source),
    );
    if (carried.length === 0) continue;
    context.channels.set(target, carried);
    opened.push(target.replace(/^\$TMP\//, '').replace(/^\.\//, ''));
  }
  return texts.filter(({ task }) => opened.some((path) => task.text.includes(path)));
}
