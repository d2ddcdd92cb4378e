import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits } from '../limits.js';
import { closedPaths, findProtected, type ProtectedPaths } from '../protected-paths.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import { scriptEnvironment } from '../script-environment.js';
import { isWithin } from '../toolchain.js';
import { makeMountPoints } from './etc-folder.js';
import { PLACES, type StartMessage } from './helper/protocol.js';
import { innerStarter, type ScriptTree, scriptMounts } from './inner.js';
import { type Layers, makeLayers } from './layers.js';
import { haveSameBounds, limitedCommand } from './limited-command.js';
import { type OuterTree, readableMounts } from './outer.js';
import { type RequestTree, requestTree } from './request-tree.js';
import { outerTree, RUN_AUTHORITY, type Shared } from './shared.js';
import { type Tracer, traceOrder } from './tracer.js';

const DEFAULT_DEPTH = 3;

/** Everything that is known of one run before it starts. */
export interface Plan {
  request: ScriptRequest;
  grant: Grant;
  tree: RequestTree;
  script: ScriptTree;
  guarded: ProtectedPaths[];
  env: Record<string, string>;
  /** True where the outer sandbox keeps the script's bounds: they are the default ones. */
  bounded: boolean;
}

/** Works out what a script gets: its tree, its environment, what is protected in it. */
export function plan(shared: Shared, request: ScriptRequest, grant: Grant): Plan {
  const cwd = request.cwd;
  const tree = requestTree(request, grant, [...shared.packages, ...shared.readable]);
  const own = request.cwdWritable === false ? [] : [cwd];
  const granted = [...tree.writable, ...tree.places.filter(({ access }) => access === 'write').map(({ path }) => path)];
  const guarded = granted.map((folder) =>
    findProtected(folder, grant.protectedDepth ?? DEFAULT_DEPTH, closedPaths(grant.places)),
  );
  const paths = [...tree.readable, ...tree.writable, ...tree.places.map(({ path }) => path)];
  if (!tree.readable.includes('/etc')) makeMountPoints(shared.runtime.etc, paths);
  const readable = readableMounts({ ...outerTree(shared, tree), request: tree });
  const covers = (path: string) =>
    grant.readable.some((place) => isWithin(path, place)) || tree.places.some((place) => place.path === path);
  const homeIsReal = covers(shared.home);
  const script: ScriptTree = {
    readable,
    packages: [...shared.packages, ...(request.cwdWritable === false ? tree.packages : [])],
    writable: [...own, ...tree.writable],
    places: tree.places,
    protected: {
      paths: guarded.flatMap(({ existing }) => [...existing.keys()]),
      ancestors: guarded.flatMap(({ ancestors }) => ancestors),
    },
    home: homeIsReal ? null : { source: shared.level === 'full' ? PLACES.home : null, path: shared.home },
    limits: grant.limits,
    asRoot: shared.asRoot,
  };
  const visible = [...readable.map(({ target }) => target), ...script.packages, ...script.writable, ...granted];
  const set = grant.setEnv ?? {};
  const env = scriptEnvironment({ ...request.env, ...set }, [...grant.env, ...Object.keys(set)], {
    home: shared.home,
    toolchain: shared.toolchain,
    visible,
    bundle: shared.bundle,
    extraAuthorities: grant.hosts.length === 0 ? RUN_AUTHORITY : shared.bundle,
    registry: shared.options.registries[0]?.url ?? null,
    proxied: shared.places.needsProxy || shared.level === 'basic',
  });
  const bounded = haveSameBounds(grant.limits, defaultLimits);
  return { request, grant, tree, script, guarded, env, bounded };
}

/** What makes one outer sandbox another than the next. */
interface KeyParts extends Pick<OuterTree, 'only' | 'layers'> {
  tree: RequestTree;
  bounded: boolean;
}

/** The tree of the outer sandbox that a plan needs, and the key by which sessions are shared. */
export function treeOfKey(shared: Shared, key: string): OuterTree {
  const { tree, only, layers, bounded } = JSON.parse(key) as KeyParts;
  return { ...outerTree(shared, tree), only, layers, limits: bounded ? defaultLimits : null };
}

/** The key of the outer sandbox that a script needs which has the default grant and whose package all may read. */
export function usualKey(shared: Shared): string {
  const tree: RequestTree = { packages: [], readable: [], writable: [], places: [], ports: [] };
  return keyOfTree(shared, { tree, only: null, layers: null, bounded: true });
}

/** The key of the outer sandbox that a script needs. */
export function keyOf(shared: Shared, { tree, script, bounded }: Plan, layers: Layers | null): string {
  const only = shared.level === 'basic' ? scriptMounts(script) : null;
  return keyOfTree(shared, { tree, only, layers, bounded });
}

function keyOfTree(shared: Shared, parts: KeyParts): string {
  const { tree, only } = parts;
  // A folder that was replaced since a sandbox was started is another folder, which that sandbox does not show.
  const roots = [...shared.packages, ...shared.readable, ...tree.packages, ...tree.writable].map(
    (path) => statSync(path).ino,
  );
  // In level `basic` a sandbox serves one script: nothing of it may outlive the script.
  return JSON.stringify({ ...parts, roots, once: only === null ? null : randomUUID() });
}

/** What the helper is told to start. */
export function startMessage(
  shared: Shared,
  { request, grant, script, env, bounded }: Plan,
  tracer: Tracer | null,
): Omit<StartMessage, 'type' | 'id'> {
  const command = ['/bin/sh', '-c', request.command];
  const full = shared.level === 'full';
  return {
    package: request.package,
    script: request.event,
    starter: full ? innerStarter(shared.starters.bwrap, script, request.cwd) : [],
    command:
      full && bounded && tracer === null ? command : limitedCommand(shared.starters.prlimit, grant.limits, command),
    env,
    cwd: full ? '/' : request.cwd,
    seccomp: full,
    home: script.home === null ? null : (script.home.source ?? script.home.path),
    hosts: [...shared.places.names, ...grant.hosts.map((host) => host.replace(/:\d+$/, ''))],
    written: [...script.writable],
    limits: grant.limits,
    killOnDecoyThenNetwork: shared.consequences['decoy-then-network'] === 'kill',
    trace:
      tracer === null || 'missing' in tracer
        ? null
        : traceOrder(tracer.program, shared.starters.prlimit ?? '/bin/sh', request.cwd),
  };
}

/** Where layers can be made: near the user's own files, or beside our own of this run. */
const layerPlaces = ({ owner, options, runtime }: Shared) =>
  owner === null ? [join(options.stateDir, 'layers'), runtime.path] : [runtime.path];

/**
 * The layers that a script's granted folders get. A command that is no package's script works on the user's own files, and a
 * grant with exceptions says itself what is where: both are shown the folders as they are.
 */
export async function layersFor(shared: Shared, { request, grant, tree }: Plan): Promise<Layers | null> {
  const direct = request.cwdWritable === false || (grant.places ?? []).length > 0 || shared.level === 'basic';
  if (direct || tree.writable.length === 0) return null;
  return makeLayers(tree.writable, layerPlaces(shared), shared.owner);
}
