import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { PLACES, type StartMessage } from './protocol.js';

/** Descriptor on which a starter reads what it is to be; the one before has the system call filter. */
const ARGUMENTS = 4;

const VARIABLE = 'SAFE_INSTALL_COMMAND';

/** Becomes what the last of the arguments says. Without it, as when they never come, this is an empty program. */
const BECOME = `set -- "$${VARIABLE}"; unset ${VARIABLE}; exec /bin/sh -c "$1"`;

/** Program, arguments and whatever runs them, as a child with its output in pipes. */
function start(argv: readonly string[], message: Pick<StartMessage, 'cwd' | 'env' | 'seccomp'>): ChildProcess {
  const filter = message.seccomp ? openSync(PLACES.seccomp, 'r') : null;
  const [program, ...args] = argv as [string, ...string[]];
  try {
    return spawn(program, args, {
      cwd: message.cwd,
      env: message.env,
      stdio: ['ignore', 'pipe', 'pipe', ...(filter === null ? [] : [filter])],
    });
  } finally {
    if (filter !== null) closeSync(filter);
  }
}

/** The text of a command that is nothing but a line for the shell; null for any other. */
function lineOf(command: readonly string[]): string | null {
  const [shell, option, line] = command;
  return command.length === 3 && shell === '/bin/sh' && option === '-c' ? line! : null;
}

/**
 * Starts scripts. While nobody waits, it starts a bubblewrap that knows nothing of the next script: it has done nothing yet but
 * wait for its arguments, so it is bound to no grant, and everything that makes a sandbox of it happens when they are there.
 */
export class Starter {
  private waiting: ChildProcess | null = null;

  constructor(private readonly bwrap: string) {}

  /** Starts the bubblewrap of the next script. */
  prepare(): void {
    if (this.waiting !== null) return;
    const filter = openSync(PLACES.seccomp, 'r');
    try {
      const args = ['--args', String(ARGUMENTS), '--', '/bin/sh', '-c', BECOME];
      const child = spawn(this.bwrap, args, { cwd: '/', env: {}, stdio: ['ignore', 'pipe', 'pipe', filter, 'pipe'] });
      child.once('error', () => {});
      (child.stdio[ARGUMENTS] as Writable).on('error', () => {});
      this.waiting = child;
    } finally {
      closeSync(filter);
    }
  }

  /** Starts one script; a traced one, and one with bounds of its own, in a bubblewrap of its own. */
  start(message: StartMessage, tracer: readonly string[]): ChildProcess {
    const { starter, command, env } = message;
    const line = lineOf(command);
    if (line === null || tracer.length > 0 || starter[0] !== this.bwrap) {
      // Whatever runs beside a script counts as the script's.
      this.take()?.kill('SIGKILL');
      return start([...tracer, ...starter, ...command], message);
    }
    let child = this.take();
    if (child === null) {
      this.prepare();
      child = this.take();
    }
    if (child === null) return start([...starter, ...command], message);
    const options = starter.slice(1, -1);
    // The command comes last: arguments that are cut off start nothing.
    const variables = [...Object.entries(env), [VARIABLE, line]].flatMap(([name, value]) => [
      '--setenv',
      name!,
      value!,
    ]);
    (child.stdio[ARGUMENTS] as Writable).end(`${[...options, ...variables].join('\0')}\0`);
    return child;
  }

  private take(): ChildProcess | null {
    const child = this.waiting;
    this.waiting = null;
    const lives = child !== null && child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    return lives ? child : null;
  }
}
