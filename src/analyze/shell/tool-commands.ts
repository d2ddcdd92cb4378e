import { posix } from 'node:path';
import { textOf } from '../package-files.js';
import { runFile } from './interpreter-commands.js';
import type { ShellState } from './state.js';
import { commandsOf, TASK_TABLES, TOOL_FILES } from './tool-files.js';
import { constant, type ShellValue } from './value.js';

/** A build tool runs its configuration or task file, where the package has one. */
export function runToolFiles(name: string, args: readonly ShellValue[], state: ShellState, at: number): void {
  const tool = TOOL_FILES[name];
  const table = TASK_TABLES[name];
  if (table !== undefined && (name !== 'deno' || args[0]?.text === 'task'))
    runTaskTable(table.file, table.field, state, at);
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
  for (const file of files.slice(0, 4)) runFile(name, tool.language ?? null, constant(file), state, at, true);
}

function runTaskTable(file: string, field: string, state: ShellState, at: number): void {
  const bytes = state.context.files.files.get(state.context.root === '' ? file : `${state.context.root}/${file}`);
  if (bytes === undefined) return;
  for (const command of commandsOf(textOf(bytes), field)) state.run('shell', constant(command), at, `shell.${file}`);
}
