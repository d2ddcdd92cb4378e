import { posix } from 'node:path';
import { textOf } from '../package-files.js';
import { runFile } from './interpreter-commands.js';
import type { ShellState } from './state.js';
import { toolDriver } from './tool-driver.js';
import { commandsOf, TASK_TABLES, TOOL_FILES, type ToolFiles } from './tool-files.js';
import { constant, type ShellValue } from './value.js';

/** A build tool runs its configuration or task file, where the package has one. */
export function runToolFiles(name: string, args: readonly ShellValue[], state: ShellState, at: number): void {
  const tool = TOOL_FILES[name];
  const table = TASK_TABLES[name];
  if (table !== undefined && (name !== 'deno' || args[0]?.text === 'task'))
    runTaskTable(table.file, table.field, state, at);
  if (RUNS_SOURCES.test(name) && /^(?:run|generate|test|script)$/.test(args[0]?.text ?? ''))
    for (const { text } of args.slice(1)) {
      const path = ['', '/main.go', '/src/main.rs']
        .map((tail) => state.ownFile(`${text}${tail}`))
        .find((own) => own !== null);
      if (path !== undefined && path !== null) runFile(name, 'foreign', constant(path), state, at, true);
    }
  if (tool === undefined || /^(?:--version|-[vV]|--help|-h)$/.test(args[0]?.text ?? '')) return;
  const option = args.findIndex(({ text }) => tool.option?.test(text) === true);
  const named = option < 0 ? undefined : args[option + 1];
  const folder = posix.normalize(state.cwd === '' ? '.' : state.cwd);
  const operands = args.filter(({ text }) => /^[\w./][\w./-]*$/.test(text));
  const places = [folder, ...operands.map(({ text }) => posix.normalize(posix.join(folder, text)).replace(/\/$/, ''))];
  const files =
    named !== undefined
      ? [named.text]
      : [...state.context.files.files.keys()].filter(
          (path) => places.includes(posix.dirname(path)) && tool.files.test(posix.basename(path)),
        );
  for (const file of files.slice(0, 4)) {
    const path = tool.language === undefined ? state.ownFile(file) : null;
    if (path === null) runFile(name, tool.language ?? null, constant(file), state, at, true);
    else runConfiguration(name, `./${posix.basename(path)}`, path, state, at);
  }
  const field = configurationField(name, tool, state);
  if (files.length === 0 && field !== null) runConfiguration(name, field, state.context.manifest.path, state, at);
}

/** Compilers that start what they make of a source. */
const RUNS_SOURCES = /^(?:go|zig|crystal|nim|v|dart|kotlin|scala|swift|cargo|dotnet|rust-script)$/;

/** Plugins and hooks of a configuration run when the tool does, without anybody asking. */
function runConfiguration(name: string, config: string, path: string, state: ShellState, at: number): void {
  const folder = posix.dirname(path);
  const text = textOf(state.context.files.files.get(path) ?? new Uint8Array());
  const isData = /(?:\.json|rc)$/.test(path) && /^\s*\{/.test(text);
  const expression = !config.startsWith('./') ? config : isData ? `(${text})` : `require(${JSON.stringify(config)})`;
  state.next({
    kind: 'text',
    language: 'javascript',
    text: toolDriver(name, expression),
    entry: { ...state.task.entry, via: `${state.task.entry.via} › ${name}`.slice(0, 200), calledBack: true },
    file: path,
    line: 1,
    taints: [],
    cwd: folder === '.' ? '' : folder,
    depth: state.task.depth + 1,
  });
  state.observe('code.require', `shell.${name}`, [constant(`./${path}`)], at);
}

/** The configuration that stands in package.json, as an expression; null where there is none. */
function configurationField(name: string, tool: ToolFiles, state: ShellState): string | null {
  const value = tool.field === true ? state.context.manifest.raw[name] : undefined;
  return typeof value === 'object' && value !== null ? `(${JSON.stringify(value)})` : null;
}

function runTaskTable(file: string, field: string, state: ShellState, at: number): void {
  const bytes = state.context.files.files.get(state.context.root === '' ? file : `${state.context.root}/${file}`);
  if (bytes === undefined) return;
  for (const command of commandsOf(textOf(bytes), field)) state.run('shell', constant(command), at, `shell.${file}`);
}
