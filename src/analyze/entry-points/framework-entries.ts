import { posix } from 'node:path';
import { z } from 'zod';
import { textOf } from '../package-files.js';
import type { FileTask, ScanContext } from '../task.js';
import { resolveFile } from './resolve-file.js';

const RUNNABLE = /(?<!\.d)\.[cm]?[jt]sx?$/;
const NO_COMMAND = /\.(?:test|spec|stories|map)\.|(?:^|\/)__tests__\//;
const MOST_FILES = 400;

const target = z.union([z.string(), z.looseObject({ target: z.string() }).transform((each) => each.target)]);
const targets = z
  .union([target.transform((one) => [one]), z.array(z.unknown()).transform((all) => all.flatMap(readTarget))])
  .catch([]);
const oclif = z.looseObject({
  commands: target.optional().catch(undefined),
  hooks: z.record(z.string(), targets).catch({}).default({}),
  default: z.unknown().optional(),
});

function readTarget(value: unknown): string[] {
  const read = target.safeParse(value);
  return read.success ? [read.data] : [];
}

/** Files that a framework for command lines loads by itself: commands and hooks of oclif, folders of yargs, subcommands beside a bin. */
export function frameworkEntries(context: ScanContext, bins: readonly FileTask[]): FileTask[] {
  return [...ofOclif(context), ...ofYargs(context), ...bins.flatMap((bin) => besideBin(context, bin))];
}

function ofOclif(context: ScanContext): FileTask[] {
  const read = oclif.safeParse(context.manifest.raw['oclif']);
  if (!read.success) return [];
  const { commands, hooks } = read.data;
  const tasks: FileTask[] = [];
  for (const [event, files] of Object.entries(hooks))
    for (const each of files) {
      const path = resolveBuilt(context, each);
      if (path !== null) tasks.push(calledBack(path, `oclif.hooks.${event}`));
    }
  if (commands !== undefined)
    for (const path of runnableIn(context, commands)) tasks.push(calledBack(path, 'oclif.commands'));
  return tasks;
}

/** `yargs.commandDir('cmds')` loads each file of a folder beside the one that says so. */
function ofYargs(context: ScanContext): FileTask[] {
  if (context.manifest.dependencies['yargs'] === undefined) return [];
  const tasks: FileTask[] = [];
  for (const [path, bytes] of context.files.files) {
    if (!RUNNABLE.test(path) || bytes.byteLength > LARGEST_CLI || path.includes('node_modules/')) continue;
    for (const [, folder = ''] of textOf(bytes).matchAll(COMMAND_DIR))
      for (const file of runnableIn(context, posix.join(posix.dirname(path), folder), ''))
        tasks.push(calledBack(file, 'yargs.commandDir'));
  }
  return tasks.slice(0, MOST_FILES);
}

const LARGEST_CLI = 100_000;
const COMMAND_DIR = /\.commandDir\(\s*(?:path\.)?(?:(?:join|resolve)\(\s*__dirname\s*,\s*)?['"`]([^'"`]+)['"`]/g;

/** The framework calls what the file exports. */
function calledBack(path: string, via: string): FileTask {
  return { kind: 'file', path, language: 'javascript', entry: { phase: 'bin', file: path, via, calledBack: true } };
}

/** Settings name the built file; what is published may be its source. */
function resolveBuilt(context: ScanContext, request: string): string | null {
  return (
    resolveFile(context, context.root, request) ??
    resolveFile(context, context.root, request.replace(/^(?:\.\/)?(?:lib|dist)\//, 'src/'))
  );
}

function runnableIn(context: ScanContext, request: string, from = context.root): string[] {
  const one = resolveFile(context, from, request);
  const folder = posix.normalize(posix.join(from, request)).replace(/\/$/, '');
  const files = [...context.files.files.keys()].filter(
    (path) => path.startsWith(`${folder}/`) && RUNNABLE.test(path) && !NO_COMMAND.test(path),
  );
  return files.length > 0 ? files.slice(0, MOST_FILES) : one === null ? [] : [one];
}

/** `git`-like subcommands: commander starts `tool-sync` for `tool sync` where the command has a description only. */
function besideBin(context: ScanContext, { path, entry }: FileTask): FileTask[] {
  const bytes = context.files.files.get(path);
  if (entry.phase !== 'bin' || bytes === undefined || !/commander/.test(textOf(bytes.subarray(0, 100_000)))) return [];
  const stem = path.replace(/\.[cm]?[jt]s$/, '');
  return [...context.files.files.keys()]
    .filter((other) => other.startsWith(`${stem}-`) && !other.slice(stem.length).includes('/') && isProgram(other))
    .slice(0, MOST_FILES)
    .map((other) => ({
      kind: 'file',
      path: other,
      entry: { phase: 'bin', file: other, via: `${entry.via} subcommand` },
    }));
}

function isProgram(path: string): boolean {
  return RUNNABLE.test(path) || !posix.basename(path).includes('.');
}
