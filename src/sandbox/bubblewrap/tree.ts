import { chmodSync, existsSync, lstatSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import type { Place } from '../sandbox.js';

/** One entry of a sandbox's tree. Paths are absolute; `source` is on the outside of that bubblewrap. */
export type Mount =
  | { kind: 'ro' | 'rw' | 'device'; source: string; target: string }
  | { kind: 'link'; source: string; target: string }
  | { kind: 'tmpfs'; target: string; bytes: number; mode: string }
  | { kind: 'hidden'; target: string; folder: boolean }
  | { kind: 'proc'; target: string };

/** Parts of the system that every program needs. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Devices without state; no terminal, no shared memory of the host. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

let system: readonly Mount[] | null = null;

/** The read-only system as one list: real folders bound, links of merged-/usr systems repeated. Looked at once. */
export function systemMounts(): readonly Mount[] {
  system ??= findSystem();
  return system;
}

function findSystem(): Mount[] {
  const mounts: Mount[] = [];
  for (const path of SYSTEM) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) mounts.push({ kind: 'link', source: readlinkSync(path), target: path });
    else if (stat?.isDirectory()) mounts.push({ kind: 'ro', source: path, target: path });
  }
  return mounts;
}

/** Exceptions in a tree, as mounts of what stands at the same paths outside; what is gone by now needs no hiding. */
export function placeMounts(places: readonly Place[]): Mount[] {
  return places.flatMap(({ path, access }): Mount[] => {
    if (access !== 'hidden') return [{ kind: access === 'write' ? 'rw' : 'ro', source: path, target: path }];
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ kind: 'hidden', target: path, folder: stat.isDirectory() }];
  });
}

/** The device nodes, from outside at their own place. */
export function deviceMounts(): Mount[] {
  return DEVICES.map((name) => ({ kind: 'device', source: `/dev/${name}`, target: `/dev/${name}` }));
}

const DEVICE_LINKS: Mount[] = [
  { kind: 'link', source: '/proc/self/fd', target: '/dev/fd' },
  { kind: 'link', source: '/proc/self/fd/0', target: '/dev/stdin' },
  { kind: 'link', source: '/proc/self/fd/1', target: '/dev/stdout' },
  { kind: 'link', source: '/proc/self/fd/2', target: '/dev/stderr' },
];

/** Modes of the nodes that {@link deviceMounts} shows: whoever is root outside owns them inside, and can change them. */
export function deviceModes(): Map<string, number> {
  return new Map(DEVICES.map((name) => [`/dev/${name}`, lstatSync(`/dev/${name}`).mode & 0o7777]));
}

/** Gives device nodes their mode back. Returns those that had another one. */
export function restoreDeviceModes(modes: ReadonlyMap<string, number>): string[] {
  const changed = [...modes].filter(([path, mode]) => (lstatSync(path).mode & 0o7777) !== mode);
  for (const [path, mode] of changed) chmodSync(path, mode);
  return changed.map(([path]) => path);
}

/** Files of /proc that the owner of number 0 may read without a capability, and that tell about the kernel. */
const PROC_MASKED = [
  'keys',
  'kpagecgroup',
  'kpagecount',
  'kpageflags',
  'latency_stats',
  'slabinfo',
  'timer_list',
  'vmallocinfo',
];

let masked: readonly string[] | null = null;

/**
 * Makes /proc read-only: without a capability, but root outside, a script owns the files of /proc/sys. bubblewrap's own
 * cover leaves them open, because the folder itself has no write bit.
 *
 * @param asRoot whether scripts have root's number outside.
 */
export function procArguments(asRoot: boolean): string[] {
  masked ??= PROC_MASKED.filter((name) => existsSync(`/proc/${name}`));
  const hidden = asRoot ? masked : [];
  return [...hidden.flatMap((name) => ['--ro-bind', '/dev/null', `/proc/${name}`]), '--remount-ro', '/proc'];
}

/** Links that programs expect below /dev. */
export function deviceLinks(): Mount[] {
  return DEVICE_LINKS;
}

const depth = (path: string) => (path === '/' ? 0 : path.split(sep).length);

/**
 * Brings mounts into the order in which bubblewrap must make them: parents first, and what may be written over what
 * may only be read at the same place.
 */
export function inOrder(mounts: readonly Mount[]): Mount[] {
  const rank = { tmpfs: 0, proc: 0, link: 0, ro: 1, rw: 2, device: 3, hidden: 4 } as const;
  return [...mounts].sort((a, b) => depth(a.target) - depth(b.target) || rank[a.kind] - rank[b.kind]);
}

function argumentsOf(mount: Mount): string[] {
  switch (mount.kind) {
    case 'ro':
      return ['--ro-bind', mount.source, mount.target];
    case 'rw':
      return ['--bind', mount.source, mount.target];
    case 'device':
      return ['--dev-bind', mount.source, mount.target];
    case 'link':
      return ['--symlink', mount.source, mount.target];
    case 'proc':
      return ['--proc', mount.target];
    case 'hidden':
      if (!mount.folder) return ['--ro-bind', '/dev/null', mount.target];
      return ['--perms', '0555', '--size', '65536', '--tmpfs', mount.target];
    case 'tmpfs':
      return ['--perms', mount.mode, '--size', String(mount.bytes), '--tmpfs', mount.target];
  }
}

/** The arguments for bubblewrap that make these mounts. */
export function mountArguments(mounts: readonly Mount[]): string[] {
  return mounts.flatMap(argumentsOf);
}
