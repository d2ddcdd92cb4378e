import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Where and when numbers were taken. */
export interface Environment {
  date: string;
  commit: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  filesystem: string;
  node: string;
  /** Load average of the last minute before the first and after the last run. */
  load: [number, number];
}

/** Describes the machine; call `finish` after the last run. */
export function describeEnvironment(folder: string): { finish(): Environment } {
  const before = loadavg()[0] ?? 0;
  const filesystem = filesystemOf(folder);
  return {
    finish: () => ({
      date: new Date().toISOString().slice(0, 16).replace('T', ' '),
      commit: output('git', ['rev-parse', '--short', 'HEAD']),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
      filesystem,
      node: process.version,
      load: [Number(before.toFixed(2)), Number((loadavg()[0] ?? 0).toFixed(2))],
    }),
  };
}

/** The environment in one line of Markdown. */
export function environmentLine(environment: Environment): string {
  const { date, commit, cpu, cores, memoryGb, system, filesystem, node, load } = environment;
  return `${date} UTC, commit ${commit}, ${cpu} × ${cores}, ${memoryGb} GiB, ${system}, ${filesystem}, Node ${node}, load ${load[0]} before and ${load[1]} after.`;
}

// ext4 without a journal gives a deleted inode out again only after minutes, and looks for another one by one: creating
// files after a tree was removed is then ten times slower, for every tool. Numbers from such a disk say little.
function filesystemOf(folder: string): string {
  const type = output('findmnt', ['-n', '-o', 'FSTYPE', '--target', folder]);
  if (type !== 'ext4') return type;
  const device = output('findmnt', ['-n', '-o', 'SOURCE', '--target', folder]).replace('/dev/', '');
  const journalled =
    existsSync('/proc/fs/jbd2') && readdirSync('/proc/fs/jbd2').some((name) => name.startsWith(`${device}-`));
  return journalled ? 'ext4' : 'ext4 without a journal';
}

function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
