import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import type { EventClass, SandboxEvent, ScriptRun } from '../../model.js';
import { cleanFolder, prepareFolder } from '../package-folder.js';
import { findProtected, type ProtectedPaths, removeNewProtected } from '../protected-paths.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { scriptEnvironment } from '../script-environment.js';
import { isWithin } from '../toolchain.js';
import { PLACES } from './helper/protocol.js';
import { innerCommand, limitedCommand, type ScriptTree, scriptMounts } from './inner.js';
import { type OuterTree, readableMounts } from './outer.js';
import { OutputTail } from './output-tail.js';
import { type RequestTree, requestTree } from './request-tree.js';
import type { Session } from './session.js';
import { outerTree, RUN_AUTHORITY, type Shared } from './shared.js';

/** Where sessions come from: a new or a used one for a tree. */
export interface SessionSource {
  acquire(key: string): Promise<Session>;
  release(session: Session): Promise<void>;
}

/** How long a script may take to end kindly. */
const GRACE_MS = 2000;

/** How often granted folders are searched for new protected names while a script runs. */
const GUARD_MS = 400;

const DEFAULT_DEPTH = 3;

/** Everything that is known of one run before it starts. */
interface Plan {
  request: ScriptRequest;
  grant: Grant;
  tree: RequestTree;
  script: ScriptTree;
  guarded: ProtectedPaths[];
  env: Record<string, string>;
}

function plan(shared: Shared, request: ScriptRequest, grant: Grant): Plan {
  const cwd = request.cwd;
  const tree = requestTree(request, grant, [...shared.packages, ...shared.readable]);
  const own = request.cwdWritable === false ? [] : [cwd];
  const granted = [...tree.writable, ...tree.places.filter(({ access }) => access === 'write').map(({ path }) => path)];
  const guarded = granted.map((folder) => findProtected(folder, grant.protectedDepth ?? DEFAULT_DEPTH));
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
    home: homeIsReal
      ? null
      : { source: shared.level === 'full' ? `${PLACES.homes}/${randomUUID()}` : null, path: shared.home },
    limits: grant.limits,
  };
  const visible = [...readable.map(({ target }) => target), ...script.packages, ...script.writable, ...granted];
  const env = scriptEnvironment(request.env, grant.env, {
    home: shared.home,
    toolchain: shared.toolchain,
    visible,
    bundle: shared.bundle,
    extraAuthorities: grant.hosts.length === 0 ? RUN_AUTHORITY : shared.bundle,
    registry: shared.options.registries[0]?.url ?? null,
    proxied: shared.places.needsProxy || shared.level === 'basic',
  });
  return { request, grant, tree, script, guarded, env };
}

/** The tree of the outer sandbox that a plan needs, and the key by which sessions are shared. */
export function treeOfKey(shared: Shared, key: string): OuterTree {
  const { tree, only } = JSON.parse(key) as { tree: RequestTree; only: OuterTree['only'] };
  return { ...outerTree(shared, tree), only };
}

function keyOf(shared: Shared, { tree, script }: Plan): string {
  const only = shared.level === 'basic' ? scriptMounts(script) : null;
  // In level `basic` a sandbox serves one script: nothing of it may outlive the script.
  return JSON.stringify({ tree, only, once: only === null ? null : randomUUID() });
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
  const { script, guarded } = planned;
  const { options, consequences } = shared;
  const tell = (kind: EventClass, target: string, action: SandboxEvent['action'], evidence: string) =>
    options.onEvent?.({
      time: new Date().toISOString(),
      package: request.package,
      script: request.event,
      class: kind,
      target,
      action,
      evidence,
    });

  const session = await sessions.acquire(keyOf(shared, planned));
  const before = script.writable.map((folder) => prepareFolder(folder));
  const id = `${request.package} ${request.event}`;
  const leave = shared.gateway.admit({
    package: request.package,
    script: request.event,
    hosts: grant.hosts,
    ...(grant.deniedHosts === undefined ? {} : { deniedHosts: grant.deniedHosts }),
    canaries: shared.decoys.canaries,
  });
  const tail = new OutputTail(request.stdio === 'inherit');
  const command = ['/bin/sh', '-c', request.command];
  const full = shared.level === 'full';
  const job = session.run(
    {
      package: request.package,
      script: request.event,
      argv: full
        ? innerCommand(shared.starters, script, request.cwd, command)
        : limitedCommand(shared.starters.prlimit, grant.limits, command),
      env: planned.env,
      cwd: full ? '/' : request.cwd,
      seccomp: full,
      home: script.home === null ? null : (script.home.source ?? script.home.path),
      decoys: [...shared.decoys.files],
      hosts: [...shared.places.names, ...grant.hosts.map((host) => host.replace(/:\d+$/, ''))],
      written: [...script.writable],
      limits: grant.limits,
      killOnDecoyThenNetwork: consequences['decoy-then-network'] === 'kill',
    },
    {
      output: (stream, chunk) => tail.push(stream, chunk),
      event: (event) => tell(event.class, event.target, event.action, event.evidence),
    },
  );
  const started = performance.now();

  let violation: string | null = null;
  const violate = (kind: EventClass, target: string, what: string) => {
    if (violation !== null) return;
    violation = what;
    tell(kind, target, 'killed', what);
    session.signal(job.id, 'SIGKILL');
  };
  shared.onCanary.set(id, (event) => {
    if (consequences.canary === 'kill')
      violate('canary', event.target, `tried to send a planted credential to ${event.target}`);
  });
  const guard = () => {
    for (const path of guarded.flatMap(removeNewProtected)) {
      tell('file', path, 'undone', 'a protected name in a granted folder');
      if (consequences['protected-path'] === 'kill') violate('file', path, `wrote the protected path ${path}`);
    }
  };
  const guarding = guarded.length === 0 ? null : setInterval(guard, GUARD_MS);
  let ended: 'SIGINT' | 'SIGTERM' | null = null;
  let grace: NodeJS.Timeout | null = null;
  const abort = () => {
    if (ended !== null) return;
    ended = request.signal?.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    session.signal(job.id, ended);
    grace = setTimeout(() => session.signal(job.id, 'SIGKILL'), GRACE_MS);
  };
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted) abort();
  try {
    const exit = await job.exit;
    if (exit.violation !== null) violation ??= exit.violation;
    guard();
    for (const folder of before) {
      for (const { class: kind, path, evidence } of cleanFolder(folder, [...shared.packages, '/usr'])) {
        tell(kind, path, 'undone', evidence);
      }
    }
    const killed = exit.limit !== null || violation !== null;
    return {
      package: request.package,
      location: request.location,
      event: request.event,
      command: request.command,
      exitCode: killed || ended !== null ? null : exit.code,
      signal: killed ? 'SIGKILL' : (ended ?? exit.signal),
      ms: exit.ms,
      sandbox: shared.level,
      output: tail.text(),
      limit: exit.limit,
      ...(violation === null ? {} : { violation }),
      metrics: {
        startMs: started - begun,
        peakMemoryBytes: exit.peakMemoryBytes,
        peakProcesses: exit.peakProcesses,
        writtenBytes: exit.writtenBytes,
      },
    };
  } finally {
    if (guarding !== null) clearInterval(guarding);
    if (grace !== null) clearTimeout(grace);
    request.signal?.removeEventListener('abort', abort);
    shared.onCanary.delete(id);
    leave();
    await sessions.release(session);
  }
}
