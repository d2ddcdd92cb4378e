import { chownSync, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import type { SandboxEvent } from '../../model.js';
import { type Decoys, makeDecoys } from '../decoys.js';
import { createGateway, type Gateway } from '../gateway/index.js';
import type { Consequence, SandboxOptions, ViolationKind } from '../sandbox.js';
import { discoverToolchain, isWithin, type Toolchain } from '../toolchain.js';
import { consequencesOf } from '../violations.js';
import { helperFolder } from './helper-folder.js';
import type { Starters } from './limited-command.js';
import type { OuterTree } from './outer.js';
import { type RegistryPlaces, registryPlaces } from './registry-places.js';
import type { RequestTree } from './request-tree.js';
import { certificateBundle, createRuntimeFolder, OWN_FILES, type RuntimeFolder } from './runtime-folder.js';
import { deviceModes } from './tree.js';

/** What all scripts of one install share. */
export interface Shared {
  options: SandboxOptions;
  level: 'full' | 'basic';
  starters: Starters;
  toolchain: Toolchain;
  runtime: RuntimeFolder;
  gateway: Gateway;
  decoys: Decoys;
  places: RegistryPlaces;
  /** Path inside of the certificates that scripts trust. */
  bundle: string;
  /** Path of the home inside. */
  home: string;
  /** Folders of packages below the project, and other folders that every script may read. */
  readonly packages: string[];
  readonly readable: string[];
  /** User that scripts run as, where that is not us. */
  owner: { uid: number; gid: number } | null;
  /** True where scripts have root's number outside. */
  asRoot: boolean;
  consequences: Record<ViolationKind, Consequence>;
  /** Modes of device nodes that scripts own, because we are root; else none. */
  deviceModes: ReadonlyMap<string, number>;
  /** Who hears of the gateway's events, by `package event`. */
  onGatewayEvent: Map<string, (event: SandboxEvent) => void>;
}

/** Path inside of this run's own certificate, alone: Node reads its extra ones at every start. */
export const RUN_AUTHORITY = `${OWN_FILES}/registry-ca.pem`;

/** The certificate authorities that the user's own programs trust besides the system's. */
function extraAuthorities(options: SandboxOptions): string[] {
  const files = [options.upstream.cafile, process.env['NODE_EXTRA_CA_CERTS'], process.env['SSL_CERT_FILE']];
  const texts = files.flatMap((file) => {
    try {
      return file === undefined || file === '' ? [] : [readFileSync(file, 'utf8')];
    } catch {
      return [];
    }
  });
  return [...(options.upstream.ca ?? []), ...texts];
}

const realIfThere = (path: string) => (existsSync(path) ? realpathSync(path) : path);

function foldersOf({ readable }: Pick<SandboxOptions, 'readable'>): string[] {
  return readable.filter((path) => existsSync(path)).map((path) => realpathSync(path));
}

/** Where scripts find their home: the user's own path, with decoys in it; a neutral one where that cannot be. */
function homePath(readable: readonly string[]): string {
  const home = homedir();
  const real = existsSync(home) ? realpathSync(home) : home;
  const system = ['/usr', '/etc', '/proc', '/dev', '/sys', '/run', '/bin', '/sbin', '/lib'];
  const unfit = [...system, ...readable].some((place) => isWithin(real, place));
  return real === '/' || real === '/tmp' || !real.startsWith('/') || unfit ? '/home/user' : real;
}

/** The user that scripts run as: as npm does, root runs them as the owner of the project. */
function ownerOf(folder: string): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? null : { uid, gid };
}

/**
 * Starts what all scripts share: the gateway, the files of the trees, the decoys.
 *
 * @throws GatewayConfigError where registry or proxy of the configuration cannot be used.
 */
export async function createShared(
  options: SandboxOptions,
  level: 'full' | 'basic',
  starters: Starters,
): Promise<Shared> {
  const root = realpathSync(options.projectRoot);
  let found: string[] | null = null;
  const folders = () => {
    found ??= foldersOf(options);
    return found;
  };
  const home = homePath(options.readable.map(realIfThere));
  const owner = ownerOf(root);
  const runtime = createRuntimeFolder(home, owner);
  const onGatewayEvent: Shared['onGatewayEvent'] = new Map();
  let gateway: Gateway;
  try {
    gateway = await createGateway({
      socketPath: runtime.gatewaySocket,
      registries: options.registries,
      upstream: options.upstream,
      ...(options.scanTarball === undefined ? {} : { scanTarball: options.scanTarball }),
      onEvent: (event) => {
        options.onEvent?.(event);
        onGatewayEvent.get(`${event.package} ${event.script}`)?.(event);
      },
    });
  } catch (error) {
    runtime.remove();
    throw error;
  }
  const asRoot = process.getuid?.() === 0 && owner === null;
  if (owner !== null) chownSync(runtime.gatewaySocket, owner.uid, owner.gid);
  const bundle = certificateBundle(gateway.certificate, extraAuthorities(options));
  runtime.addCertificates(gateway.certificate, bundle);
  return {
    options,
    level,
    starters,
    toolchain: discoverToolchain(process.env['PATH'] ?? '', homedir(), [root]),
    runtime,
    gateway,
    decoys: makeDecoys(options.registries[0]?.url ?? ''),
    places: registryPlaces(gateway.registries),
    bundle: bundle.path,
    home,
    // Packages may still be being unpacked when the sandbox is made: folders are looked at when the first script needs them.
    get packages() {
      return folders().filter((path) => isWithin(path, root));
    },
    get readable() {
      return folders().filter((path) => !isWithin(path, root));
    },
    owner,
    asRoot,
    consequences: consequencesOf(options),
    deviceModes: asRoot ? deviceModes() : new Map(),
    onGatewayEvent,
  };
}

/** The outer sandbox's tree for scripts with that request. */
export function outerTree(shared: Shared, request: RequestTree): OuterTree {
  const { runtime } = shared;
  return {
    starters: shared.starters,
    limits: null,
    toolchain: shared.toolchain,
    runtime,
    packages: shared.packages,
    shared: shared.readable,
    request,
    layers: null,
    only: null,
    asRoot: shared.asRoot,
    helper: { folder: helperFolder(), manifest: runtime.helperManifest },
    gatewaySocket: runtime.gatewaySocket,
    seccompProgram: runtime.seccompProgram,
  };
}
