import { join } from 'node:path';
import { keepCompiledCodeIn } from '../analyze/pool/compiled-code.js';
import { stateDirectory } from '../config/state-dir.js';
import { EXIT, SafeInstallError } from '../errors.js';
import { findCommand } from './find-command.js';
import { GLOBAL_FLAGS, splitFlags } from './flags.js';
import { processTerminal, type Terminal } from './terminal.js';
import { packageVersion } from './version.js';

/** Runs one command line with interruption and error handling. Never throws. */
export async function runCommandLine(argv: string[]): Promise<number> {
  const terminal = processTerminal(process.env);
  const interruption = listenForInterruption();
  try {
    return await dispatch(argv, terminal, interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) return interruption.exitCode();
    const { printError } = await import('./error-output.js');
    return printError(error, terminal, argv);
  } finally {
    interruption.stop();
  }
}

async function dispatch(argv: string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const stateDir = stateDirectory(process.env);
  keepCompiledCodeIn(join(stateDir, 'compile-cache'));
  const { entry, index } = await findCommand(argv);
  const words = argv.filter((_, at) => at !== index);
  await entry.early?.(words);
  const { command } = await entry.load();
  const { flags, npmArgv, rest } = splitFlags(words, { ...GLOBAL_FLAGS, ...command.flags });
  if (flags.boolean('version')) {
    terminal.out(`${packageVersion()}\n`);
    return EXIT.ok;
  }
  if (flags.boolean('help')) {
    const { commandHelp, overview } = await import('./help-text.js');
    terminal.out(index === -1 ? overview() : commandHelp(entry, command));
    return EXIT.ok;
  }
  if ('tell' in command) {
    terminal.out(await command.tell(npmArgv.filter((word) => !word.startsWith('-'))));
    return EXIT.ok;
  }
  const { loadNpmConfig, npmFlagNames } = await import('../config/index.js');
  const { showNpmLog } = await import('./npm-log.js');
  const log = showNpmLog(terminal);
  try {
    const npm = await loadNpmConfig(npmArgv, process.cwd(), process.env);
    log.setLevel(String(npm.get('loglevel')));
    const unknown = npm.unknownFlags[0];
    if (unknown !== undefined) {
      const { unknownFlagError } = await import('./flags.js');
      const known = [...Object.keys(command.flags), ...Object.keys(GLOBAL_FLAGS), ...npmFlagNames()];
      throw unknownFlagError(unknown, known);
    }
    process.env['npm_command'] = entry.name;
    const args = npm.positionals;
    return await command.run({ args, rest, flags, cwd: process.cwd(), npm, stateDir, terminal, signal });
  } finally {
    log.stop();
  }
}

function listenForInterruption() {
  const controller = new AbortController();
  let received: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (received !== null) process.exit(signalExitCode(signal));
    received = signal;
    controller.abort(new SafeInstallError('Interrupted.', { code: 'EINTERRUPTED', exitCode: signalExitCode(signal) }));
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    exitCode: () => signalExitCode(received ?? 'SIGINT'),
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function signalExitCode(signal: NodeJS.Signals): number {
  return { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal as string] ?? 130;
}
