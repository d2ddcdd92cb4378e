import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { compiledCodeFolder } from './compiled-code.js';
import { patienceOf } from './patient-compiler.js';
import type { Answer, Job, WorkerSetup, WorkerStart } from './protocol.js';
import { workerCommand } from './worker-file.js';

/** MiB of the half of a young generation, and one arena of glibc: a fifth less resident memory than by their defaults, in the same time. */
const YOUNG_MB = 8;
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' };
/** KiB that a scan may nest in, and what the system has to allow for it. */
const STACK_KIB = 16_000;
const SYSTEM_STACK_KIB = 20_480;
const SHELL = '/bin/sh';
/** Only a process's main thread can be given a larger stack, and only before it begins; where that is not allowed, Node's own is used. */
const WITH_STACK = `if ulimit -s ${SYSTEM_STACK_KIB} 2>/dev/null; then exec "$0" --stack-size=${STACK_KIB} "$@"; fi; exec "$0" "$@"`;
/** A hostile package meets nothing of the user's environment in the process that reads it. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'LC_ALL', 'TZ'];

interface ScanProcessEvents {
  message: [Answer];
  /** It ended, by itself or not; once. */
  end: [reason: string];
}

/**
 * A process that scans packages, one after another. Not a thread: V8 ends a whole process where a thread's heap is full and the next
 * allocation is a large one, whatever limit the thread was given (Node's `NearHeapLimit` leaves it 16 MiB to stop in).
 */
export class ScanProcess extends EventEmitter<ScanProcessEvents> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(heapMb: number) {
    super();
    const [file, ...words] = commandOf(heapMb);
    this.#child = spawn(file, words, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      env: environment(),
      // Where a core file of it would be left, if the system keeps one.
      cwd: tmpdir(),
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        resolve();
        this.emit('end', reason);
      };
      this.#child.once('error', (error) => end(`its process could not be started (${error.message})`));
      this.#child.once('exit', (code, signal) => end(reasonOf(code, signal)));
    });
    this.#child.on('message', (answer) => this.emit('message', answer as Answer));
    this.unref();
  }

  postMessage(message: WorkerSetup | Job | string): void {
    // One that has just ended is told of by its exit.
    this.#child.send(message, () => undefined);
  }

  /** Lets it keep this process alive, for somebody waits for it. */
  ref(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Ends it, whatever it does; resolves when it has ended. */
  async terminate(): Promise<void> {
    this.ref();
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function commandOf(heapMb: number): [string, ...string[]] {
  const start: WorkerStart = { compiledCode: compiledCodeFolder() };
  const patience = patienceOf(process.versions.node);
  const heap = [`--max-old-space-size=${heapMb}`, `--max-semi-space-size=${YOUNG_MB}`];
  const flags = [...heap, ...(patience === null ? [] : [patience])];
  const node = [process.execPath, ...flags, ...workerCommand(), JSON.stringify(start)] as [string, ...string[]];
  return existsSync(SHELL) ? [SHELL, '-c', WITH_STACK, ...node] : node;
}

function environment(): NodeJS.ProcessEnv {
  const kept = KEPT_VARIABLES.filter((name) => process.env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), ...ONE_ARENA };
}

/** V8 ends a process whose heap is full by a trap, Linux one that takes too much of the machine's memory by SIGKILL. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `its process ended with code ${code}`;
  const ofMemory = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL'].includes(signal);
  return ofMemory ? `its process ran out of memory (${signal})` : `its process was ended by ${signal}`;
}
