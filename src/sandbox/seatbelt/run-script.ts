import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxEvent, ScriptRun } from '../../model.js';
import { OutputTail } from '../bubblewrap/output-tail.js';
import { cleanFolder, prepareFolder } from '../package-folder.js';
import { closedPaths, findProtected, removeNewClosed, removeNewProtected } from '../protected-paths.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import { limitedShell } from './limits-command.js';

/** One script made ready: its profile and environment. */
export interface SeatbeltJob {
  request: ScriptRequest;
  grant: Grant;
  profile: string;
  env: Record<string, string>;
  /** Private folder of this script on the host. */
  folder: string;
  /** Program that applies a profile: `/usr/bin/sandbox-exec`. */
  program: string;
  /** Folders that links of the package may lead to. */
  packages: readonly string[];
  tell: (event: Pick<SandboxEvent, 'class' | 'target' | 'action' | 'evidence'>) => void;
}

const GRACE_MS = 2000;
const DEFAULT_DEPTH = 3;

/** Runs one script under its profile and takes back what it must not leave. `kill` of the result ends it at once. */
export function runInSeatbelt(job: SeatbeltJob): { run: Promise<ScriptRun>; kill(violation: string): void } {
  const { request, grant, tell } = job;
  const profile = join(job.folder, 'profile.sb');
  writeFileSync(profile, job.profile);
  const own = request.cwdWritable === false ? [] : [request.cwd];
  const folders = [...own, ...grant.writable].map((folder) => prepareFolder(folder));
  const guarded = grant.writable.map((folder) =>
    findProtected(folder, grant.protectedDepth ?? DEFAULT_DEPTH, closedPaths(grant.places)),
  );
  const tail = new OutputTail(request.stdio === 'inherit');
  const started = performance.now();
  const child = spawn(job.program, ['-f', profile, ...limitedShell(request.command, grant.limits)], {
    cwd: request.cwd,
    env: job.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const signalAll = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // the group has ended already
    }
  };
  let limit: string | null = null;
  let violation: string | null = null;
  let ended: 'SIGINT' | 'SIGTERM' | null = null;
  let grace: NodeJS.Timeout | null = null;
  const wall = setTimeout(() => {
    limit = `wall time: ${grant.limits.wallMs} ms`;
    tell({ class: 'limit', target: 'wallMs', action: 'killed', evidence: limit });
    signalAll('SIGKILL');
  }, grant.limits.wallMs);
  const abort = () => {
    if (ended !== null) return;
    ended = request.signal?.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    signalAll(ended);
    grace = setTimeout(() => signalAll('SIGKILL'), GRACE_MS);
  };
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted) abort();
  child.stdout.on('data', (chunk: Buffer) => tail.push('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => tail.push('stderr', chunk));

  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    // What holds the output open after the script has ended is a left-over process: the group goes with the script.
    child.once('exit', () => signalAll('SIGKILL'));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const run = exited
    .finally(() => {
      clearTimeout(wall);
      if (grace !== null) clearTimeout(grace);
      request.signal?.removeEventListener('abort', abort);
    })
    .then(({ code, signal }): ScriptRun => {
      const ms = performance.now() - started;
      if (signal === 'SIGXCPU') limit ??= `processor time: ${grant.limits.cpuSeconds} s`;
      if (signal === 'SIGXFSZ') limit ??= `size of a file: ${grant.limits.fileBytes} bytes`;
      for (const path of guarded.flatMap(removeNewClosed)) {
        tell({ class: 'file', target: path, action: 'undone', evidence: 'a path that the grant closes' });
      }
      for (const path of guarded.flatMap(removeNewProtected)) {
        tell({ class: 'file', target: path, action: 'undone', evidence: 'a protected name in a granted folder' });
      }
      for (const folder of folders) {
        for (const undone of cleanFolder(folder, [...job.packages, '/usr']).undone) {
          tell({ class: undone.class, target: undone.path, action: 'undone', evidence: undone.evidence });
        }
      }
      const killed = limit !== null || violation !== null;
      return {
        package: request.package,
        location: request.location,
        event: request.event,
        command: request.command,
        exitCode: killed || ended !== null ? null : code,
        signal: killed ? 'SIGKILL' : (ended ?? signal),
        ms,
        sandbox: 'seatbelt',
        output: tail.text(),
        limit,
        ...(violation === null ? {} : { violation }),
        ...(request.trace === true
          ? { trace: { unseen: 'files, programs and addresses: macOS has no strace', entries: [], variables: [] } }
          : {}),
      };
    });
  return {
    run,
    kill(what) {
      violation ??= what;
      signalAll('SIGKILL');
    },
  };
}
