import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Limits } from '../sandbox.js';
import { isWithin } from '../toolchain.js';
import { THREADS_PER_PROCESS } from './limited-command.js';

/** A control group for one outer sandbox: bounds that the kernel keeps for all its processes together. */
export interface ControlGroup {
  /** Files to which a process writes its id to enter. */
  entrances: string[];
  /** What the kernel keeps here, and the version that keeps it; null where it does not. */
  keeps: { tasks: 1 | 2 | null; memory: 1 | 2 | null; ending: boolean };
  /** Sets the bounds for the next script. */
  bound(limits: Limits): void;
  /** Ends every process in it at once, where the kernel can (version 2, Linux 5.14). */
  end(): void;
  /** Removes the empty group. */
  remove(): void;
}

/** Room for the helper and for bubblewrap, which are in the group too. */
const OWN_TASKS = 64;
const OWN_BYTES = 256 * 1024 * 1024;
const SLACK = 1.25;

/** The bounds of a group for a script's limits, with room for what stands around the script. */
export function groupBounds(limits: Limits): { tasks: number; memoryBytes: number } {
  return {
    tasks: limits.processes * THREADS_PER_PROCESS + OWN_TASKS,
    memoryBytes: Math.ceil(limits.memoryBytes * SLACK) + OWN_BYTES,
  };
}

/** A hierarchy of groups: where it is mounted, and where this process stands in it. */
export interface Hierarchy {
  version: 1 | 2;
  /** Controllers of version 1; empty for version 2, where the group itself says. */
  controllers: string[];
  mount: string;
  own: string;
}

let count = 0;

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Finds the hierarchies, of both versions, from the texts of /proc/self/mountinfo and /proc/self/cgroup. */
export function findHierarchies(mountinfo: string, membership: string): Hierarchy[] {
  const own = membership.split('\n').flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return names === undefined || path === undefined ? [] : [{ names: names === '' ? [] : names.split(','), path }];
  });
  return mountinfo.split('\n').flatMap((line): Hierarchy[] => {
    const [left, right] = line.split(' - ') as [string, string?];
    const [root, mount] = left.split(' ').slice(3, 5);
    const [type, , options = ''] = right?.split(' ') ?? [];
    if (root === undefined || mount === undefined || !type?.startsWith('cgroup')) return [];
    const version = type === 'cgroup2' ? 2 : 1;
    const names = version === 2 ? [] : options.split(',');
    const place = own.find((one) =>
      version === 2 ? one.names.length === 0 : one.names.some((n) => names.includes(n)),
    );
    if (place === undefined || !isWithin(place.path, root)) return [];
    return [{ version, controllers: place.names, mount, own: relative(root, place.path) }];
  });
}

/** Lets groups below `parent` have these controllers, where that is ours to say and nothing stands against it. */
function handOn(parent: string, controllers: readonly string[]): void {
  // A group with processes of its own would become a threaded one, which nobody asked for; only the root (no type) may have both.
  if (existsSync(join(parent, 'cgroup.type')) && readText(join(parent, 'cgroup.procs')) !== '') return;
  for (const name of controllers) {
    try {
      writeFileSync(join(parent, 'cgroup.subtree_control'), `+${name}`);
    } catch {
      // not available, or not delegated to us
    }
  }
}

/** Makes a group below the nearest ancestor of our own that lets us, and in which `fits` holds. */
function makeGroup({ mount, own }: Hierarchy, fits: (folder: string) => boolean): string | null {
  for (let path = own; ; path = dirname(path)) {
    const parent = join(mount, path);
    const folder = join(parent, `safe-install-${process.pid}-${count}`);
    try {
      mkdirSync(folder);
      if (fits(folder)) return folder;
      handOn(parent, ['pids', 'memory']);
      if (fits(folder)) return folder;
      rmdirSync(folder);
    } catch {
      // not ours to divide: try further up
    }
    if (path === '' || path === '.' || path === '/') return null;
  }
}

function removeGroup(folder: string, tries = 20): void {
  try {
    rmdirSync(folder);
  } catch {
    if (tries > 0) setTimeout(() => removeGroup(folder, tries - 1), 50).unref();
  }
}

function writable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

interface Part {
  folder: string;
  version: 1 | 2;
  tasks: string | null;
  memory: string | null;
}

function partOf(folder: string, version: 1 | 2): Part {
  const has = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : null);
  return {
    folder,
    version,
    tasks: has('pids.max'),
    memory: has(version === 2 ? 'memory.max' : 'memory.limit_in_bytes'),
  };
}

/**
 * Makes a control group where the machine lets us; null where it does not. Version 2 keeps tasks, memory and the end of them
 * all; where its controllers still belong to version 1 (a hybrid system), groups there keep the rest.
 */
export function createControlGroup(
  hierarchies = findHierarchies(readText('/proc/self/mountinfo'), readText('/proc/self/cgroup')),
): ControlGroup | null {
  count += 1;
  const parts: Part[] = [];
  const two = hierarchies.find(({ version }) => version === 2);
  if (two !== undefined) {
    const bounding = makeGroup(two, (folder) => existsSync(join(folder, 'pids.max')));
    const ending = bounding ?? makeGroup(two, (folder) => writable(join(folder, 'cgroup.kill')));
    if (ending !== null) parts.push(partOf(ending, 2));
  }
  for (const [controller, file] of [
    ['pids', 'pids.max'],
    ['memory', 'memory.limit_in_bytes'],
  ] as const) {
    const one = hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
    const folder = one === undefined ? null : makeGroup(one, (made) => existsSync(join(made, file)));
    if (folder !== null) parts.push(partOf(folder, 1));
  }
  return parts.length === 0 ? null : groupOf(parts);
}

function groupOf(parts: readonly Part[]): ControlGroup {
  let kept: Limits | null = null;
  const killers = parts.map(({ folder }) => join(folder, 'cgroup.kill')).filter(writable);
  const [tasks, memory] = [parts.find((part) => part.tasks !== null), parts.find((part) => part.memory !== null)];
  return {
    entrances: parts.map(({ folder }) => join(folder, 'cgroup.procs')),
    keeps: { tasks: tasks?.version ?? null, memory: memory?.version ?? null, ending: killers.length > 0 },
    bound: (limits) => {
      if (kept?.processes === limits.processes && kept.memoryBytes === limits.memoryBytes) return;
      kept = limits;
      const bounds = groupBounds(limits);
      if (tasks?.tasks) writeFileSync(tasks.tasks, String(bounds.tasks));
      if (memory?.memory) writeFileSync(memory.memory, String(bounds.memoryBytes));
    },
    end: () => {
      for (const killer of killers) if (existsSync(killer)) writeFileSync(killer, '1');
    },
    remove: () => {
      for (const { folder } of parts) removeGroup(folder);
    },
  };
}
