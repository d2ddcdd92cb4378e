import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What one run of a command cost. */
export interface Measurement {
  exitCode: number;
  /** Seconds from spawn to exit. */
  wall: number;
  /** Seconds of user and system time of the command and all processes it waited for. */
  cpu: number;
  /** Highest sum of resident memory over the process tree, sampled every 50 ms; MiB. */
  peakMb: number;
  /** End of what the command printed, for the message when it failed. */
  output: string;
  /** Set when the command was ended because it took longer than its limit. */
  timedOut?: boolean;
}

/** A command line with its surroundings. */
export interface Command {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
}

const WRAPPER = '"$@"; code=$?; times >&3; exit $code';

/**
 * Runs a command to its end and measures wall, cpu and peak memory of its whole process tree.
 *
 * @param limitMs milliseconds after which the command and all it started are killed; none by default
 */
export async function measure(command: Command, limitMs = Number.POSITIVE_INFINITY): Promise<Measurement> {
  const started = process.hrtime.bigint();
  const child = spawn('bash', ['-c', WRAPPER, 'measure', ...command.argv], {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A process group of its own, which can be ended as a whole.
    detached: true,
  });
  let output = '';
  let times = '';
  const keepEnd = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', keepEnd);
  child.stderr?.on('data', keepEnd);
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    times += chunk.toString();
  });
  let peakMb = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) peakMb = Math.max(peakMb, treeMemoryMb(child.pid));
  }, 50);
  let wall = 0;
  child.once('exit', () => {
    wall = Number(process.hrtime.bigint() - started) / 1e9;
  });
  let timedOut = false;
  const limit = Number.isFinite(limitMs)
    ? setTimeout(() => {
        timedOut = true;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }, limitMs)
    : undefined;
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  clearInterval(sampler);
  clearTimeout(limit);
  return { exitCode, wall, cpu: childSeconds(times), peakMb, output, ...(timedOut ? { timedOut } : {}) };
}

// `times` prints two lines, shell and children: `0m0.001s 0m0.002s`.
function childSeconds(times: string): number {
  const children = times.trim().split('\n')[1] ?? '';
  let seconds = 0;
  for (const [, minutes, rest] of children.matchAll(/(\d+)m([\d.]+)s/g)) {
    seconds += Number(minutes) * 60 + Number(rest);
  }
  return seconds;
}

function treeMemoryMb(root: number): number {
  const children = new Map<number, number[]>();
  const rss = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const parent = Number(fields[1]);
      rss.set(pid, Number(fields[21]) * 4096);
      const siblings = children.get(parent);
      if (siblings) siblings.push(pid);
      else children.set(parent, [pid]);
    } catch {
      // The process ended between the listing and the reading.
    }
  }
  let bytes = 0;
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    bytes += rss.get(pid) ?? 0;
    pending.push(...(children.get(pid) ?? []));
  }
  return bytes / 2 ** 20;
}
