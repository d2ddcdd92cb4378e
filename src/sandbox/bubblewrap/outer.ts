import type { Toolchain } from '../toolchain.js';
import { type HelperOptions, PLACES } from './helper/protocol.js';
import { deviceLinks, deviceMounts, inOrder, type Mount, mountArguments, systemMounts } from './tree.js';

/** Everything the outer sandbox shows, from the host. */
export interface OuterTree {
  bwrap: string;
  toolchain: Toolchain;
  /** Synthetic files: path inside → file on the host. */
  files: Record<string, string>;
  /** Folders of packages: some script may write in them, each inner sandbox says which. */
  packages: string[];
  /** Granted files and folders. */
  readable: string[];
  writable: string[];
  /** Folder on the host with the compiled helper, and the file that makes it an ES module. */
  helper: { folder: string; manifest: string };
  gatewaySocket: string;
  seccompProgram: string;
}

const MiB = 1024 * 1024;

/** Room for the homes of scripts: what package managers and compilers cache there during one script. */
const HOMES_BYTES = 2048 * MiB;

/** What every program of the sandbox may read, as seen from the host. */
export function readableMounts(tree: Pick<OuterTree, 'toolchain' | 'files' | 'readable'>): Mount[] {
  const bind = (path: string): Mount => ({ kind: 'ro', source: path, target: path });
  const files = Object.entries(tree.files).map(([target, source]): Mount => ({ kind: 'ro', source, target }));
  return [...systemMounts(), ...tree.toolchain.readable.map(bind), ...tree.readable.map(bind), ...files];
}

/**
 * Arguments of the outer sandbox, one an install: own namespaces of everything, an allow-listed tree, and of all
 * capabilities only the one to listen on ports 53 and 443 of its own network.
 */
export function outerArguments(tree: OuterTree, options: HelperOptions): string[] {
  const mounts: Mount[] = [
    ...readableMounts(tree),
    ...[...tree.packages, ...tree.writable].map((path): Mount => ({ kind: 'rw', source: path, target: path })),
    ...deviceMounts(),
    { kind: 'proc', target: '/proc' },
    { kind: 'tmpfs', target: '/tmp', bytes: 16 * MiB, mode: '1777' },
    { kind: 'tmpfs', target: PLACES.homes, bytes: HOMES_BYTES, mode: '0700' },
    { kind: 'ro', source: tree.helper.folder, target: PLACES.helper },
    { kind: 'ro', source: tree.helper.manifest, target: `${PLACES.root}/package.json` },
    { kind: 'rw', source: tree.gatewaySocket, target: PLACES.gateway },
    { kind: 'ro', source: tree.seccompProgram, target: PLACES.seccomp },
  ];
  return [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--die-with-parent',
    '--new-session',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--hostname',
    'localhost',
    '--cap-drop',
    'ALL',
    ...(options.level === 'full' ? ['--cap-add', 'CAP_NET_BIND_SERVICE'] : []),
    '--clearenv',
    '--setenv',
    'PATH',
    '/usr/bin:/bin',
    ...mountArguments(inOrder(mounts)),
    ...mountArguments(deviceLinks()),
    '--chdir',
    '/',
    '--',
    process.execPath,
    `${PLACES.helper}/main.js`,
    JSON.stringify(options),
  ];
}
