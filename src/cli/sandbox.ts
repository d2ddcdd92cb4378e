import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import type { LifecycleEvent, SandboxEvent, ScriptRun } from '../model.js';
import type { Command, CommandContext } from './command.js';
import { usageError } from './flags.js';
import { sessionOf } from './session.js';

const EVENTS: LifecycleEvent[] = ['preinstall', 'install', 'postinstall', 'prepare'];

export const command: Command = {
  usage: ['sandbox [--settings <file>] -- <command…>', 'sandbox --as <package folder> [--event <event>] -- <command…>'],
  flags: {
    settings: {
      type: 'string',
      value: '<file>',
      summary: 'Settings in the format of sandbox-runtime; `base` or `development` for a template',
    },
    as: { type: 'string', value: '<folder>', summary: 'Run as a lifecycle script of this installed package would run' },
    event: {
      type: 'string',
      value: '<event>',
      summary: 'Lifecycle event for --as: preinstall, install, postinstall or prepare',
    },
    events: {
      type: 'string',
      value: '<file>',
      summary: 'Write what the sandbox denied or undid to this file, one JSON object a line',
    },
    trace: {
      type: 'boolean',
      summary: 'Record files, programs and connections with strace: shown at the end, and in the file of --events',
    },
  },
  details: [
    'With --as the command gets exactly the working directory, grant, environment, decoys, limits and clean-up of a script of',
    'that package. Else it runs in the current folder under the settings (the template `base` where none are named).',
    'One word after -- is a line for the shell, several are a program and its arguments. Standard input is closed.',
    'Ends with the exit code of the command, 128 and the number of the signal that ended it, or 12 for a violation.',
  ],
  async run(context) {
    const { flags, rest, args } = context;
    if (rest === null || rest.length === 0)
      throw usageError('Name the command after --: safe-install sandbox -- <command…>', 'sandbox');
    if (args.length > 0) throw usageError('Put -- before the command: safe-install sandbox -- <command…>', args[0]!);
    const [settings, as] = [flags.string('settings'), flags.string('as')];
    if (settings !== undefined && as !== undefined) throw usageError('--settings and --as exclude each other.', '--as');
    const event = eventOf(flags.string('event'), as);
    const log = eventLog(flags.string('events'), context.cwd);
    const stop = stopSignal(context.signal);
    try {
      const trace = flags.boolean('trace');
      const shared = { command: shellLine(rest), onEvent: log.write, signal: stop, trace };
      const run =
        as === undefined ? await underSettings(context, settings, shared) : await asPackage(context, as, event, shared);
      if (run.trace !== undefined) {
        for (const event of traceEvents(run)) log.write(event);
        const { traceLines } = await import('../report/index.js');
        const look = { color: context.terminal.color.err, columns: context.terminal.columns };
        context.terminal.err(`${traceLines(run, look).join('\n')}\n`);
      }
      return exitCodeOf(run, context);
    } finally {
      log.close();
    }
  },
};

type Shared = { command: string; onEvent: (event: SandboxEvent) => void; signal: AbortSignal; trace: boolean };

/** A trace as events of class `trace`: `reported` what worked, `denied` what met an error. */
function traceEvents(run: ScriptRun): SandboxEvent[] {
  const time = new Date().toISOString();
  const { entries = [], unseen = null } = run.trace ?? {};
  const shared = { time, package: run.package, script: run.event, class: 'trace' } as const;
  return [
    ...entries.map(
      ({ what, target, error, times }): SandboxEvent => ({
        ...shared,
        target,
        action: error === null ? 'reported' : 'denied',
        evidence: `${what}${error === null ? '' : ` ${error}`}${times > 1 ? ` (${times} times)` : ''}`,
      }),
    ),
    ...(unseen === null
      ? []
      : [{ ...shared, target: '', action: 'reported', evidence: `not seen: ${unseen}` } satisfies SandboxEvent]),
  ];
}

async function underSettings(context: CommandContext, named: string | undefined, shared: Shared): Promise<ScriptRun> {
  const { loadSettings, SETTINGS_TEMPLATES, settingsTemplate } = await import('../sandbox/settings/index.js');
  const template = SETTINGS_TEMPLATES.find((name) => name === (named ?? 'base'));
  const file = named === undefined ? null : resolve(context.cwd, named);
  const settings =
    template !== undefined && (file === null || !existsSync(file)) ? settingsTemplate(template) : loadSettings(file!);
  const { runUnderSettings } = await import('../install/index.js');
  return runUnderSettings(settings, context.cwd, { ...(await sessionOf(context)), ...shared });
}

async function asPackage(
  context: CommandContext,
  folder: string,
  event: LifecycleEvent,
  shared: Shared,
): Promise<ScriptRun> {
  const path = resolve(context.cwd, folder);
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw usageError('The package folder does not exist.', folder);
  const project = await inProjectOf(path, context);
  const { runAsPackage } = await import('../install/index.js');
  return runAsPackage(path, event, { ...(await sessionOf(project)), ...shared });
}

/** The same command line as if it were typed in the project that holds the package: its .npmrc, policy and approvals count. */
async function inProjectOf(path: string, context: CommandContext): Promise<CommandContext> {
  const at = path.indexOf('/node_modules/');
  if (at < 0) throw usageError('--as needs the folder of a package inside a node_modules.', path);
  const root = path.slice(0, at);
  if (root === context.npm.localPrefix) return context;
  const { loadNpmConfig } = await import('../config/index.js');
  return { ...context, cwd: root, npm: await loadNpmConfig([], root, context.npm.env) };
}

function eventOf(named: string | undefined, as: string | undefined): LifecycleEvent {
  if (named !== undefined && as === undefined) throw usageError('--event goes with --as.', '--event');
  const event = EVENTS.find((known) => known === (named ?? 'postinstall'));
  if (event === undefined) throw usageError(`--event is one of ${EVENTS.join(', ')}.`, `--event ${named}`);
  return event;
}

/** One word is a line for the shell as it stands; several are quoted, and take the shell's place. */
export function shellLine(words: readonly string[]): string {
  if (words.length === 1) return words[0]!;
  return `exec ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
}

/** Writes what was not simply allowed, a line an event, as it happens. */
function eventLog(named: string | undefined, cwd: string): { write: (event: SandboxEvent) => void; close: () => void } {
  if (named === undefined) return { write: () => {}, close: () => {} };
  const file = resolve(cwd, named);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w', 0o644);
  } catch (cause) {
    throw new SafeInstallError(`The file for events cannot be written: ${(cause as Error).message}`, {
      code: 'EEVENTSFILE',
      exitCode: EXIT.npm,
      where: file,
      next: ['Name a file in a folder that exists: --events <file>'],
      cause,
    });
  }
  return {
    write: (event) => {
      if (event.action !== 'allowed') writeSync(descriptor, `${JSON.stringify(event)}\n`);
    },
    close: () => closeSync(descriptor),
  };
}

/** The command line's signal with the reason that the sandbox passes on. */
function stopSignal(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const follow = () => {
    const { exitCode } = signal.reason as { exitCode?: number };
    controller.abort(exitCode === 130 ? 'SIGINT' : 'SIGTERM');
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return controller.signal;
}

function exitCodeOf(run: ScriptRun, { terminal }: CommandContext): number {
  if (run.violation !== undefined) {
    terminal.err(`safe-install: the command was ended: it ${run.violation}\n`);
    return EXIT.violation;
  }
  if (run.limit !== null) terminal.err(`safe-install: the command was ended by a limit: ${run.limit}\n`);
  if (run.exitCode !== null) return run.exitCode;
  return 128 + (constants.signals[run.signal as NodeJS.Signals] ?? constants.signals.SIGKILL);
}
