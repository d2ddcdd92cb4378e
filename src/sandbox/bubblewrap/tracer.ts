import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { REFUSED_CALLS } from '../seccomp/index.js';
import type { TraceOrder } from './helper/protocol.js';
import { findTrusted } from './probe.js';

/** strace, where it is there and may follow a program; else why not, in words. */
export type Tracer = { program: string } | { missing: string };

let found: Promise<Tracer> | null = null;

/** Looks for a strace that works here; once a process. */
export function findTracer(): Promise<Tracer> {
  found ??= look();
  return found;
}

async function look(): Promise<Tracer> {
  const program = findTrusted('strace');
  if (program === null) return { missing: 'strace is not installed (apt install strace)' };
  if (!existsSync('/usr/bin/mkfifo')) return { missing: 'mkfifo (coreutils) is not installed' };
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=execve', '--', '/bin/sh', '-c', ':'];
  try {
    await promisify(execFile)(program, args, { timeout: 10_000, env: { PATH: '/usr/bin:/bin' }, cwd: '/' });
    return { program };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { missing: `strace may not follow a program here: ${(stderr?.trim() || message).slice(0, 200)}` };
  }
}

/** What the helper is told about the trace of one script. */
export function traceOrder(program: string, first: string, cwd: string): TraceOrder {
  return { program, first, cwd, refused: REFUSED_CALLS.map(({ name }) => name) };
}
