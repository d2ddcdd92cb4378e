import { existsSync, realpathSync } from 'node:fs';
import type { Limits } from '../sandbox.js';
import type { Toolchain } from '../toolchain.js';
import { type HelperOptions, PLACES } from './helper/protocol.js';
import { type Layers, mergedOf } from './layers.js';
import { limitedCommand, type Starters } from './limited-command.js';
import type { RequestTree } from './request-tree.js';
import { OWN_FILES, type RuntimeFolder } from './runtime-folder.js';
import {
  deviceLinks,
  deviceMounts,
  inOrder,
  type Mount,
  mountArguments,
  placeMounts,
  procArguments,
  systemMounts,
} from './tree.js';

/** Everything the outer sandbox shows, from the host. */
export interface OuterTree {
  starters: Starters;
  /** Bounds that the kernel keeps for each process of every script here; null where each script brings its own. */
  limits: Limits | null;
  toolchain: Toolchain;
  /** Our own files of this run. */
  runtime: Pick<RuntimeFolder, 'etc' | 'synthetic' | 'own' | 'over'>;
  /** Folders of packages below the project: some script may write in them, each inner sandbox says which. */
  packages: string[];
  /** Folders that all scripts may read and none may write. */
  shared: string[];
  /** What this script has besides. */
  request: RequestTree;
  /** Layers over granted folders; null where they are shown as they are. */
  layers: Layers | null;
  /** The tree of the one script, where helper and script share a sandbox (level `basic`). */
  only: readonly Mount[] | null;
  /** True where its programs have root's number outside. */
  asRoot: boolean;
  /** Folder on the host with the compiled helper, and the file that makes it an ES module. */
  helper: { folder: string; manifest: string };
  gatewaySocket: string;
  seccompProgram: string;
}

const MiB = 1024 * 1024;

/** What both stages unshare, and who the program is inside. */
export const NAMESPACES = [
  '--unshare-user',
  '--unshare-pid',
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
];

/** Room for the homes of scripts: what package managers and compilers cache there during one script. */
const HOMES_BYTES = 2048 * MiB;

const bind =
  (kind: 'ro' | 'rw') =>
  (path: string): Mount => ({ kind, source: path, target: path });

/** The /etc of the sandbox: ours, or, where a grant shows the machine's, that one with our files over it. */
function etcMounts({ runtime, request }: Pick<OuterTree, 'runtime' | 'request'>): Mount[] {
  const { etc, synthetic } = runtime;
  if (!request.readable.includes('/etc')) {
    return [{ kind: 'ro', source: etc.folder, target: '/etc' }, ...etc.bound.map(bind('ro'))];
  }
  return synthetic
    .filter((name) => existsSync(`/etc/${name}`))
    .map((name): Mount => ({ kind: 'ro', source: `${etc.folder}/${name}`, target: realpathSync(`/etc/${name}`) }));
}

/** What every program of the sandbox may read, as seen from the host. */
export function readableMounts(tree: Pick<OuterTree, 'toolchain' | 'runtime' | 'shared' | 'request'>): Mount[] {
  const over = Object.entries(tree.runtime.over).map(([target, source]): Mount => ({ kind: 'ro', source, target }));
  const folders = [...tree.toolchain.readable, ...tree.shared, ...tree.request.readable];
  return [
    ...systemMounts(),
    ...[...new Set(folders)].map(bind('ro')),
    ...etcMounts(tree),
    ...over,
    { kind: 'ro', source: tree.runtime.own, target: OWN_FILES },
  ];
}

/** Where a granted folder comes from when a layer is over it. */
function layerOf({ layers }: OuterTree, path: string): { source: string } | null {
  const n = layers?.folders.indexOf(path) ?? -1;
  return n < 0 ? null : { source: mergedOf(layers!, n) };
}

function outerMounts(tree: OuterTree): Mount[] {
  const { request } = tree;
  const places = placeMounts(request.places.filter(({ access }) => access !== 'hidden'));
  const mounts: Mount[] = [
    ...readableMounts(tree),
    ...[...tree.packages, ...request.packages, ...request.writable].map(
      (path): Mount => ({ ...bind('rw')(path), ...layerOf(tree, path) }),
    ),
    ...places,
    ...deviceMounts(),
    { kind: 'proc', target: '/proc' },
    { kind: 'tmpfs', target: '/tmp', bytes: 16 * MiB, mode: '1777' },
    { kind: 'tmpfs', target: PLACES.homes, bytes: HOMES_BYTES, mode: '0700' },
  ];
  return inOrder(mounts);
}

/** Opens ports 53 and 443 of the sandbox's own network to everybody in it, then becomes the program that follows. */
export const OPEN_PORTS = 'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start && exec "$@"';

/** Gives up the one capability that opening the ports takes. */
export const WITHOUT_CAPABILITIES = ['--ambient-caps', '-all', '--inh-caps', '-all'];

function helperCommand({ starters, limits, only }: OuterTree, options: HelperOptions): string[] {
  const helper = [process.execPath, `${PLACES.helper}/main.js`, JSON.stringify(options)];
  if (only !== null) return helper;
  const bounded = limits === null ? helper : limitedCommand(starters.prlimit, limits, helper);
  return ['/bin/sh', '-c', OPEN_PORTS, 'sh', starters.setpriv, ...WITHOUT_CAPABILITIES, ...bounded];
}

/**
 * Arguments of the outer sandbox, one an install: own namespaces of everything, an allow-listed tree, and no capability
 * but the one to open low ports of its own network, which is dropped before the helper starts.
 */
export function outerArguments(tree: OuterTree, options: HelperOptions): string[] {
  const own: Mount[] = [
    { kind: 'ro', source: tree.helper.folder, target: PLACES.helper },
    { kind: 'ro', source: tree.helper.manifest, target: `${PLACES.root}/package.json` },
    { kind: 'rw', source: tree.gatewaySocket, target: PLACES.gateway },
    { kind: 'ro', source: tree.seccompProgram, target: PLACES.seccomp },
  ];
  const full = tree.only === null;
  return [
    ...NAMESPACES,
    '--unshare-net',
    '--cap-drop',
    'ALL',
    ...(full ? ['--cap-add', 'CAP_NET_ADMIN'] : ['--disable-userns', '--seccomp', '3']),
    '--clearenv',
    '--setenv',
    'PATH',
    '/usr/bin:/bin',
    ...mountArguments(tree.only ?? outerMounts(tree)),
    ...mountArguments(own),
    ...mountArguments(deviceLinks()),
    ...(full ? [] : [...procArguments(tree.asRoot), '--remount-ro', '/']),
    '--chdir',
    '/',
    '--',
    ...helperCommand(tree, options),
  ];
}
