import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EventClass, SandboxEvent, ScriptRun, ScriptTrace } from '../../model.js';
import { appendAudit, risingAttempts } from '../audit.js';
import { variablesOfRun } from '../learn/index.js';
import { defaultLimits } from '../limits.js';
import { finishOwnBin, isReplacedScript } from '../own-bin.js';
import { cleanFolder, type FolderBefore, prepareFolder } from '../package-folder.js';
import { closedPaths, findProtected, type ProtectedPaths } from '../protected-paths.js';
import { quarantine } from '../quarantine.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { scriptEnvironment } from '../script-environment.js';
import { createScriptRecord, type ScriptRecord } from '../script-record.js';
import { isWithin } from '../toolchain.js';
import { makeMountPoints } from './etc-folder.js';
import { directFolders, type GrantedFolders, layeredFolders } from './granted-folders.js';
import { type ExitMessage, PLACES, type StartMessage } from './helper/protocol.js';
import { innerStarter, type ScriptTree, scriptMounts } from './inner.js';
import { type Layers, makeLayers, removeLayers } from './layers.js';
import { haveSameBounds, limitedCommand } from './limited-command.js';
import { type OuterTree, readableMounts } from './outer.js';
import { OutputTail } from './output-tail.js';
import { type RequestTree, requestTree } from './request-tree.js';
import type { Session } from './session.js';
import { outerTree, RUN_AUTHORITY, type Shared } from './shared.js';
import { findTracer, type Tracer, traceOrder } from './tracer.js';
import { restoreDeviceModes } from './tree.js';

/** Where sessions come from: a new or a used one for a tree. */
export interface SessionSource {
  acquire(key: string): Promise<Session>;
  release(session: Session): Promise<void>;
}

/** How long a script may take to end kindly. */
const GRACE_MS = 2000;

const DEFAULT_DEPTH = 3;

/** Everything that is known of one run before it starts. */
interface Plan {
  request: ScriptRequest;
  grant: Grant;
  tree: RequestTree;
  script: ScriptTree;
  guarded: ProtectedPaths[];
  env: Record<string, string>;
  /** True where the outer sandbox keeps the script's bounds: they are the default ones. */
  bounded: boolean;
}

function plan(shared: Shared, request: ScriptRequest, grant: Grant): Plan {
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

function keyOf(shared: Shared, { tree, script, bounded }: Plan, layers: Layers | null): string {
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

function startMessage(
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

/** Ends a running script when its request is aborted: kindly, then not. Returns what takes the ending back. */
function endOnAbort(request: ScriptRequest, session: Session, job: number): { ended(): string | null; stop(): void } {
  let ended: 'SIGINT' | 'SIGTERM' | null = null;
  let grace: NodeJS.Timeout | null = null;
  const abort = () => {
    if (ended !== null) return;
    ended = request.signal?.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    session.signal(job, ended);
    grace = setTimeout(() => session.signal(job, 'SIGKILL'), GRACE_MS);
  };
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted) abort();
  return {
    ended: () => ended,
    stop: () => {
      if (grace !== null) clearTimeout(grace);
      request.signal?.removeEventListener('abort', abort);
    },
  };
}

/** Where layers can be made: near the user's own files, or beside our own of this run. */
const layerPlaces = ({ owner, options, runtime }: Shared) =>
  owner === null ? [join(options.stateDir, 'layers'), runtime.path] : [runtime.path];

/**
 * The layers that a script's granted folders get. A command that is no package's script works on the user's own files, and a
 * grant with exceptions says itself what is where: both are shown the folders as they are.
 */
async function layersFor(shared: Shared, { request, grant, tree }: Plan): Promise<Layers | null> {
  const direct = request.cwdWritable === false || (grant.places ?? []).length > 0 || shared.level === 'basic';
  if (direct || tree.writable.length === 0) return null;
  return makeLayers(tree.writable, layerPlaces(shared), shared.owner);
}

/** Takes back what a script must not leave, and does what it could not do. */
function cleanUp(
  shared: Shared,
  planned: Plan,
  own: readonly FolderBefore[],
  granted: GrantedFolders,
  record: ScriptRecord,
): { largestFile: number } {
  const reachable = [...shared.packages, ...shared.toolchain.readable, ...planned.script.writable, '/usr'];
  let largestFile = 0;
  for (const folder of [...own, ...granted.before]) {
    const cleaned = cleanFolder(folder, reachable, granted.layered && granted.before.includes(folder));
    largestFile = Math.max(largestFile, cleaned.largestFile);
    for (const { class: kind, path, evidence } of cleaned.undone) {
      record.tell(kind, granted.pathOf(path), 'undone', evidence);
    }
  }
  for (const path of restoreDeviceModes(shared.deviceModes)) {
    record.tell('file', path, 'undone', 'the mode of a device of the machine was changed');
  }
  return { largestFile };
}

/** The strace of a run that is to be traced; null for the usual one. */
async function tracerFor(shared: Shared, request: ScriptRequest): Promise<Tracer | null> {
  if (request.trace !== true) return null;
  if (shared.level === 'full') return findTracer();
  return { missing: 'in the basic sandbox a script has the same filter as its helper, so no tracer can follow it' };
}

/** What the helper's trace says, for the report. */
function traceOf(tracer: Tracer, { trace }: ExitMessage, { command, cwd }: ScriptRequest): ScriptTrace {
  const entries = trace?.entries ?? [];
  const variables = variablesOfRun(command, cwd, entries);
  const nothing = (why: string) => ({ unseen: `files, programs and addresses: ${why}`, entries, variables });
  if ('missing' in tracer) return nothing(tracer.missing);
  if (trace === null) return nothing('the script never started');
  const { dropped, complete } = trace;
  const unseen =
    dropped > 0 ? `${dropped} entries more` : complete ? null : 'what came last: the tracer was ended first';
  return { unseen, entries, variables };
}

const nameOf = (request: ScriptRequest) => request.package.slice(0, request.package.lastIndexOf('@'));

function finishBin(shared: Shared, request: ScriptRequest, record: ScriptRecord): boolean {
  const program = finishOwnBin(nameOf(request), request.cwd, shared.packages);
  if (program === null) return false;
  record.tell('file', request.cwd, 'allowed', `its own bin was linked to ${program} outside, as its script would`);
  return true;
}

/** Runs one script in a sandbox of its own, looks after it, and takes back what it must not leave. */
export async function runScript(
  shared: Shared,
  sessions: SessionSource,
  asked: ScriptRequest,
  grant: Grant,
): Promise<ScriptRun> {
  const begun = performance.now();
  if (!existsSync(asked.cwd)) {
    throw new SandboxRequestError('The folder of a package does not exist.', asked.cwd, ['Install the package first.']);
  }
  const request = { ...asked, cwd: realpathSync(asked.cwd) };
  const planned = plan(shared, request, grant);
  const { guarded } = planned;
  const { options, consequences } = shared;
  const record = createScriptRecord(request, grant, options.onEvent);
  if (isReplacedScript(nameOf(request), request.command) && finishBin(shared, request, record)) {
    const { package: name, location, event, command } = request;
    const nothing = { exitCode: 0, signal: null, ms: performance.now() - begun, output: '', limit: null };
    return { package: name, location, event, command, ...nothing, sandbox: shared.level };
  }
  const tracer = await tracerFor(shared, request);
  const layers = await layersFor(shared, planned);
  const session = await sessions.acquire(keyOf(shared, planned, layers)).catch((error: unknown) => {
    if (layers !== null) removeLayers(layers);
    throw error;
  });
  // A command that is no package's script works on the user's own files: they are not tidied.
  const tidied = request.cwdWritable === false ? [] : planned.tree.writable;
  const own = request.cwdWritable === false ? [] : [prepareFolder(request.cwd)];
  const granted = layers === null ? directFolders(tidied, guarded) : layeredFolders(layers, guarded, shared.owner);
  const tail = new OutputTail(request.stdio === 'inherit');
  const leave = shared.gateway.admit({
    package: request.package,
    script: request.event,
    hosts: grant.hosts,
    ...(grant.deniedHosts === undefined ? {} : { deniedHosts: grant.deniedHosts }),
    canaries: shared.decoys.canaries,
  });
  const job = session.run(startMessage(shared, planned, tracer), grant.limits, {
    output: (stream, chunk) => tail.push(stream, chunk),
    event: (event) => record.tell(event.class, event.target, event.action, event.evidence),
  });
  const startMs = performance.now() - begun;

  let violation: string | null = null;
  const violate = (kind: EventClass, target: string, what: string) => {
    if (violation !== null || record.ignores(target)) return;
    violation = what;
    record.tell(kind, target, 'killed', what);
    session.signal(job.id, 'SIGKILL');
  };
  const forget = listenToGateway(shared, request, (event) => {
    record.keep(event);
    if (event.class === 'canary' && consequences.canary === 'kill') {
      violate('canary', event.target, `tried to send a planted credential to ${event.target}`);
    }
  });
  const takeBack = (path: string, closed: boolean) => {
    if (closed) {
      record.tell('file', path, 'undone', 'a path that the grant closes');
      return;
    }
    record.tell('file', path, 'undone', 'a protected name in a granted folder');
    if (consequences['protected-path'] === 'kill') violate('file', path, `wrote the protected path ${path}`);
  };
  const unwatch = granted.watch(takeBack);
  const abort = endOnAbort(request, session, job.id);
  try {
    const exit = await job.exit;
    // Where helper and script share a sandbox, what still runs ends with it, before the folder is cleaned; layers are looked into
    // when nobody has them mounted.
    if (shared.level === 'basic' || granted.layered) await session.close();
    violation ??= exit.violation;
    unwatch();
    await granted.settle(takeBack);
    const { largestFile } = cleanUp(shared, planned, own, granted, record);
    const limit = exit.limit ?? fileLimit(exit, largestFile, grant);
    const ended = abort.ended();
    const killed = exit.limit !== null || violation !== null;
    // What a script leaves that somebody had to end is half done: it stays in its layer.
    if (!killed && ended === null) granted.keep();
    if (!killed && ended === null && exit.code === 0) finishBin(shared, request, record);
    record.finish();
    const run: ScriptRun = {
      package: request.package,
      location: request.location,
      event: request.event,
      command: request.command,
      exitCode: killed || ended !== null ? null : exit.code,
      signal: killed ? 'SIGKILL' : (ended ?? exit.signal),
      ms: exit.ms,
      sandbox: shared.level,
      output: tail.text(),
      limit,
      ...(violation === null ? {} : { violation }),
      metrics: {
        startMs,
        peakMemoryBytes: exit.peakMemoryBytes,
        peakProcesses: exit.peakProcesses,
        writtenBytes: exit.writtenBytes,
      },
      ...(tracer === null ? {} : { trace: traceOf(tracer, exit, request) }),
    };
    const rising = risingAttempts(options.stateDir, run.package, run.event, record.events);
    if (rising !== null) record.tell('process', run.package, 'reported', rising);
    appendAudit(options.stateDir, run, record.events);
    if (violation === null) return run;
    const kept = await quarantine(options.stateDir, {
      run,
      violation,
      grant,
      events: record.events,
      environment: Object.keys(planned.env),
      processes: exit.processes,
      folder: request.cwd,
    });
    return { ...run, quarantine: kept };
  } finally {
    unwatch();
    abort.stop();
    forget();
    leave();
    await sessions.release(session);
    granted.remove();
  }
}

function listenToGateway(shared: Shared, request: ScriptRequest, heard: (event: SandboxEvent) => void): () => void {
  const id = `${request.package} ${request.event}`;
  shared.onGatewayEvent.set(id, heard);
  return () => shared.onGatewayEvent.delete(id);
}

/** The kernel refuses to let a file grow, and programs say so in their own words: here it is said in ours. */
function fileLimit(exit: ExitMessage, largestFile: number, grant: Grant): string | null {
  if (exit.code === 0 || largestFile < grant.limits.fileBytes) return null;
  return `file: one reached ${Math.round(grant.limits.fileBytes / 1048576)} MiB`;
}
