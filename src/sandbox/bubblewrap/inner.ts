import type { Limits, Place } from '../sandbox.js';
import { isWithin } from '../toolchain.js';
import { NAMESPACES } from './outer.js';
import { deviceLinks, deviceMounts, inOrder, type Mount, mountArguments, placeMounts, procArguments } from './tree.js';

/** What one script gets of the files. */
export interface ScriptTree {
  /** The system, the toolchain and what was granted for reading. */
  readable: readonly Mount[];
  /** Read-only folders of packages. */
  packages: readonly string[];
  /** Folders the script may write: its package and what was granted. */
  writable: readonly string[];
  /** Exceptions, outermost first. */
  places: readonly Place[];
  /** Inside of what may be written, but protected all the same; with the folders that lead there. */
  protected: { paths: readonly string[]; ancestors: readonly string[] };
  /** Where the decoy home is on the outside (a tmpfs of its own where that is null), and where the script sees it. */
  home: { source: string | null; path: string } | null;
  limits: Limits;
}

/** The programs that start a script. */
export interface Starters {
  bwrap: string;
  setpriv: string;
  /** Null where there is none: then only the helper's watch keeps the limits. */
  prlimit: string | null;
}

const MiB = 1024 * 1024;

/** Tasks that one process of a build may have: Node alone has eleven threads. */
export const THREADS_PER_PROCESS = 4;

/** The helper's watch says which limit struck; the kernel's own bounds lie a little higher, for what it is too slow for. */
const SLACK = 1.25;

/** The bounds that the kernel keeps for each process. */
export function limitArguments(limits: Limits): string[] {
  return [
    '--core=0',
    `--nproc=${limits.processes * THREADS_PER_PROCESS}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    `--cpu=${Math.ceil(limits.cpuSeconds * SLACK)}`,
    `--data=${Math.ceil(limits.memoryBytes * SLACK)}`,
  ];
}

/** A command with its limits. */
export function limitedCommand(prlimit: string | null, limits: Limits, command: readonly string[]): string[] {
  return prlimit === null ? [...command] : [prlimit, ...limitArguments(limits), '--', ...command];
}

/** The mounts of one script's tree, in order; `source` paths are the same outside and inside but for the home. */
export function scriptMounts(tree: ScriptTree): Mount[] {
  const bind =
    (kind: 'ro' | 'rw') =>
    (path: string): Mount => ({ kind, source: path, target: path });
  const homes: Mount[] =
    tree.home === null
      ? []
      : tree.home.source === null
        ? [{ kind: 'tmpfs', target: tree.home.path, bytes: 1024 * MiB, mode: '0700' }]
        : [{ kind: 'rw', source: tree.home.source, target: tree.home.path }];
  const covered = tree.readable.some(({ kind, target }) => kind === 'ro' && target === '/var');
  const base: Mount[] = [
    ...tree.readable,
    ...tree.packages.map(bind('ro')),
    ...tree.writable.map(bind('rw')),
    ...deviceMounts(),
    { kind: 'proc', target: '/proc' },
    { kind: 'tmpfs', target: '/tmp', bytes: Math.min(tree.limits.writtenBytes, 1024 * MiB), mode: '1777' },
    { kind: 'tmpfs', target: '/dev/shm', bytes: 64 * MiB, mode: '1777' },
    ...(covered ? [] : ([{ kind: 'link', source: '/tmp', target: '/var/tmp' }] as Mount[])),
    ...homes,
  ];
  const guarded: Mount[] = [...tree.protected.ancestors.map(bind('rw')), ...tree.protected.paths.map(bind('ro'))];
  return [...inOrder(base), ...placeMounts(tree.places), ...inOrder(guarded)];
}

/**
 * The command line that confines one script inside the outer sandbox: no capabilities (the ambient one of the helper
 * is dropped first, or bubblewrap refuses), no further user namespaces, the seccomp filter on descriptor 3, a tree of
 * which only the named folders can be written, and limits.
 */
export function innerCommand(starters: Starters, tree: ScriptTree, cwd: string, command: readonly string[]): string[] {
  // Inside the outer sandbox everything stands at its final path already, and a folder brings along what is mounted in it.
  const folders = tree.readable.filter(({ kind }) => kind === 'ro').map(({ target }) => target);
  const within = (path: string) => folders.some((folder) => folder !== path && isWithin(path, folder));
  const readable = tree.readable.filter(({ kind, target }) => kind !== 'ro' || !within(target));
  const mounts = scriptMounts({ ...tree, readable }).map((mount): Mount => {
    const inherited = mount.kind === 'ro' || mount.kind === 'device';
    return inherited ? { ...mount, source: mount.target } : mount;
  });
  return [
    starters.setpriv,
    '--ambient-caps',
    '-all',
    '--inh-caps',
    '-all',
    starters.bwrap,
    ...NAMESPACES,
    '--disable-userns',
    '--cap-drop',
    'ALL',
    '--seccomp',
    '3',
    ...mountArguments(mounts),
    ...mountArguments(deviceLinks()),
    ...procArguments(),
    '--remount-ro',
    '/',
    '--chdir',
    cwd,
    '--',
    ...limitedCommand(starters.prlimit, tree.limits, command),
  ];
}
