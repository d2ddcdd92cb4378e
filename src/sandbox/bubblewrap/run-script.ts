import { existsSync, realpathSync } from 'node:fs';
import type { EventClass, SandboxEvent, ScriptRun } from '../../model.js';
import { appendAudit, countAttempts, risingAttempts } from '../audit.js';
import { finishOwnBin, isReplacedScript } from '../own-bin.js';
import { cleanFolder, type FolderBefore, prepareFolder } from '../package-folder.js';
import { quarantine } from '../quarantine.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { createScriptRecord, type ScriptRecord } from '../script-record.js';
import { directFolders, type GrantedFolders, layeredFolders } from './granted-folders.js';
import type { ExitMessage } from './helper/protocol.js';
import { removeLayers } from './layers.js';
import { OutputTail } from './output-tail.js';
import { keyOf, layersFor, type Plan, plan, startMessage } from './script-plan.js';
import { refusedCalls, traceOf, tracerFor } from './script-trace.js';
import type { Session } from './session.js';
import type { Shared } from './shared.js';
import { restoreDeviceModes } from './tree.js';

/** Where sessions come from: a new or a used one for a tree. */
export interface SessionSource {
  acquire(key: string): Promise<Session>;
  release(session: Session): Promise<void>;
}

/** How long a script may take to end kindly. */
const GRACE_MS = 2000;

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
        attempts: countAttempts(record.events),
        ...refusedCalls(exit),
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
