import type { Limits, Place } from '../sandbox.js';
import { isWithin } from '../toolchain.js';
import { NAMESPACES } from './outer.js';
import { deviceMounts, inOrder, type Mount, mountArguments, placeMounts, procArguments } from './tree.js';

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
  /** True where the script has root's number outside. */
  asRoot: boolean;
}

const MiB = 1024 * 1024;

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
 * The command line, up to the script, that confines it inside the outer sandbox: no further user namespaces, the seccomp
 * filter on descriptor 3, a tree of which only the named folders can be written.
 */
export function innerStarter(bwrap: string, tree: ScriptTree, cwd: string): string[] {
  // Inside the outer sandbox everything stands at its final path already, and a folder brings along what is mounted in it.
  const folders = tree.readable.filter(({ kind }) => kind === 'ro').map(({ target }) => target);
  const within = (path: string) => folders.some((folder) => folder !== path && isWithin(path, folder));
  const readable = tree.readable.filter(({ kind, target }) => kind !== 'ro' || !within(target));
  const mounts = scriptMounts({ ...tree, readable }).flatMap((mount): Mount[] => {
    if (mount.kind === 'device') return [];
    return [mount.kind === 'ro' ? { ...mount, source: mount.target } : mount];
  });
  return [
    bwrap,
    ...NAMESPACES,
    '--disable-userns',
    '--cap-drop',
    'ALL',
    '--seccomp',
    '3',
    // The devices and links of the outer sandbox in one step; its folder is read-only here, its /dev/shm another one.
    '--dev-bind',
    '/dev',
    '/dev',
    ...mountArguments(mounts),
    ...procArguments(tree.asRoot),
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--chdir',
    cwd,
    '--',
  ];
}
