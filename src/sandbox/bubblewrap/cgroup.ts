import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Limits } from '../sandbox.js';
import { THREADS_PER_PROCESS } from './limited-command.js';

/** A control group for one outer sandbox: bounds that the kernel keeps for all its processes together. */
export interface ControlGroup {
  /** Files to which a process writes its id to enter. */
  entrances: string[];
  /** Sets the bounds for the next script. */
  bound(limits: Limits): void;
  /** Removes the empty group. */
  remove(): void;
}

/** Room for the helper and for bubblewrap, which are in the group too. */
const OWN_TASKS = 64;
const OWN_BYTES = 256 * 1024 * 1024;
const SLACK = 1.25;

/** Where the kernel's groups are. */
const ROOT = '/sys/fs/cgroup';

let count = 0;

/** Makes a group below the nearest ancestor of our own that lets us and hands the controller on. */
function makeGroup(base: string, own: string, needed: string): string | null {
  for (let path = own; ; path = dirname(path)) {
    const folder = join(base, path, `safe-install-${process.pid}-${count}`);
    try {
      mkdirSync(folder);
      if (existsSync(join(folder, needed))) return folder;
      rmdirSync(folder);
    } catch {
      // not ours to divide: try further up
    }
    if (path === '/' || path === '.') return null;
  }
}

function removeGroup(folder: string, tries = 20): void {
  try {
    rmdirSync(folder);
  } catch {
    if (tries > 0) setTimeout(() => removeGroup(folder, tries - 1), 50).unref();
  }
}

function groupOf(bounds: { folder: string; tasks?: string; memory?: string }[]): ControlGroup {
  return {
    entrances: bounds.map(({ folder }) => join(folder, 'cgroup.procs')),
    bound: (limits) => {
      for (const { folder, tasks, memory } of bounds) {
        if (tasks) writeFileSync(join(folder, tasks), String(limits.processes * THREADS_PER_PROCESS + OWN_TASKS));
        if (memory) writeFileSync(join(folder, memory), String(Math.ceil(limits.memoryBytes * SLACK) + OWN_BYTES));
      }
    },
    remove: () => {
      for (const { folder } of bounds) removeGroup(folder);
    },
  };
}

/** Makes a control group, of version 2 or 1, where the machine lets us; null where it does not. */
export function createControlGroup(): ControlGroup | null {
  let own: string[][];
  try {
    own = readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return null;
  }
  count += 1;
  const unified = own.find(([, controllers]) => controllers === '')?.[2];
  if (unified !== undefined && existsSync(join(ROOT, 'cgroup.controllers'))) {
    const folder = makeGroup(ROOT, unified, 'pids.max');
    if (folder !== null) {
      const memory = existsSync(join(folder, 'memory.max')) ? { memory: 'memory.max' } : {};
      return groupOf([{ folder, tasks: 'pids.max', ...memory }]);
    }
  }
  const pathOf = (controller: string) => own.find(([, names]) => names?.split(',').includes(controller))?.[2];
  const [tasks, memory] = [pathOf('pids'), pathOf('memory')];
  const found = [
    ...(tasks === undefined ? [] : [{ folder: makeGroup(join(ROOT, 'pids'), tasks, 'pids.max'), tasks: 'pids.max' }]),
    ...(memory === undefined
      ? []
      : [
          { folder: makeGroup(join(ROOT, 'memory'), memory, 'memory.limit_in_bytes'), memory: 'memory.limit_in_bytes' },
        ]),
  ].flatMap(({ folder, ...bounds }) => (folder === null ? [] : [{ folder, ...bounds }]));
  return found.length === 0 ? null : groupOf(found);
}
