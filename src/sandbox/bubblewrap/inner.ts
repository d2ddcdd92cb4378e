import type { Limits } from '../sandbox.js';
import { PLACES } from './helper/protocol.js';
import { deviceLinks, deviceMounts, inOrder, type Mount, mountArguments } from './tree.js';

/** What one script gets, seen from inside the outer sandbox. */
export interface InnerTree {
  bwrap: string;
  setpriv: string;
  prlimit: string;
  /** What the outer sandbox shows read-only, at the same paths. */
  system: readonly Mount[];
  /** Read-only folders of packages. */
  packages: readonly string[];
  /** Folders the script may write: its package and what was granted. */
  writable: readonly string[];
  /** Inside {@link writable}, but protected all the same. */
  protected: readonly string[];
  /** Name below {@link PLACES.homes}, and the path at which the script sees it. */
  home: { name: string; path: string };
  cwd: string;
  limits: Limits;
}

const MiB = 1024 * 1024;

/** Tasks that one process of a build may have: Node alone has eleven threads. */
const THREADS_PER_PROCESS = 4;

/** The bounds that the kernel keeps for each process. */
export function limitArguments(limits: Limits): string[] {
  return [
    '--core=0',
    `--nproc=${limits.processes * THREADS_PER_PROCESS}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    `--cpu=${limits.cpuSeconds}`,
    `--data=${limits.memoryBytes}`,
  ];
}

/**
 * The command line that confines one script inside the outer sandbox: no capabilities (the ambient one of the helper
 * is dropped first, or bubblewrap refuses), no further user namespaces, the seccomp filter on descriptor 3, a tree of
 * which only the named folders can be written, and limits.
 */
export function innerCommand(tree: InnerTree, command: readonly string[]): string[] {
  const same =
    (kind: 'ro' | 'rw') =>
    (path: string): Mount => ({ kind, source: path, target: path });
  const mounts: Mount[] = [
    ...tree.system.map((mount): Mount => (mount.kind === 'ro' ? { ...mount, source: mount.target } : mount)),
    ...tree.packages.map(same('ro')),
    ...tree.writable.map(same('rw')),
    ...tree.protected.map(same('ro')),
    ...deviceMounts(),
    { kind: 'proc', target: '/proc' },
    { kind: 'tmpfs', target: '/tmp', bytes: Math.min(tree.limits.writtenBytes, 1024 * MiB), mode: '1777' },
    { kind: 'tmpfs', target: '/dev/shm', bytes: 64 * MiB, mode: '1777' },
    { kind: 'link', source: '/tmp', target: '/var/tmp' },
    { kind: 'rw', source: `${PLACES.homes}/${tree.home.name}`, target: tree.home.path },
  ];
  return [
    tree.setpriv,
    '--ambient-caps',
    '-all',
    '--inh-caps',
    '-all',
    tree.bwrap,
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--hostname',
    'localhost',
    '--seccomp',
    '3',
    ...mountArguments(inOrder(mounts)),
    ...mountArguments(deviceLinks()),
    '--remount-ro',
    '/',
    '--chdir',
    tree.cwd,
    '--',
    tree.prlimit,
    ...limitArguments(tree.limits),
    '--',
    ...command,
  ];
}
