import { existsSync, realpathSync, statSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import type { SandboxEvent, SandboxLevel, ScriptRun } from '../../model.js';
import { makeDecoys } from '../decoys.js';
import { createGateway, type Gateway } from '../gateway/index.js';
import { cleanFolder, prepareFolder } from '../package-folder.js';
import type { Grant, Sandbox, SandboxOptions, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { scriptEnvironment, toolFolders } from '../script-environment.js';
import { discoverToolchain, isWithin } from '../toolchain.js';
import { consequencesOf } from '../violations.js';
import type { ExitMessage, HelperOptions } from './helper/protocol.js';
import { helperFolder } from './helper-folder.js';
import { innerCommand } from './inner.js';
import { type OuterTree, readableMounts } from './outer.js';
import { OutputTail } from './output-tail.js';
import type { BubblewrapProbe } from './probe.js';
import { registryPlaces } from './registry-places.js';
import { certificateBundle, createRuntimeFolder } from './runtime-folder.js';
import { Session } from './session.js';
import { Sessions } from './sessions.js';

/** What a session's key says about its tree, besides what all sessions share. */
interface Extra {
  packages: string[];
  readable: string[];
  writable: string[];
}

/** Where scripts find their home: the user's own path, with decoys in it; a neutral one where that cannot be. */
function homePath(readable: readonly string[]): string {
  const home = homedir();
  const real = existsSync(home) ? realpathSync(home) : home;
  const unfit = ['/usr', '/etc', '/proc', '/dev', '/sys', '/bin', '/sbin', '/lib', ...readable].some((place) =>
    isWithin(real, place),
  );
  return real === '/' || real === '/tmp' || !real.startsWith('/') || unfit ? '/home/user' : real;
}

/** The user that scripts run as: as npm does, root runs them as the owner of the project. */
function ownerOf(folder: string): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? null : { uid, gid };
}

function real(path: string, what: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new SandboxRequestError(`The ${what} of a script does not exist.`, path, [
      'Create it, or take it out of the grant.',
    ]);
  }
}

/** Starts what all scripts of one install share on Linux: gateway, decoys, files; the first script starts the rest. */
export async function createBubblewrapSandbox(options: SandboxOptions, probe: BubblewrapProbe): Promise<Sandbox> {
  const level: SandboxLevel = 'full';
  const bwrap = probe.bwrap!;
  const shared = options.readable.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const home = homePath(shared);
  const owner = ownerOf(options.projectRoot);
  const toolchain = discoverToolchain(process.env['PATH'] ?? '', homedir(), [options.projectRoot]);
  const consequences = consequencesOf(options);
  const runtime = createRuntimeFolder(home, owner);
  const ended = new Set<() => void>();
  let gateway: Gateway;
  const canarySeen = new Map<string, (event: SandboxEvent) => void>();
  try {
    gateway = await createGateway({
      socketPath: runtime.gatewaySocket,
      registries: options.registries,
      upstream: options.upstream,
      ...(options.scanTarball === undefined ? {} : { scanTarball: options.scanTarball }),
      onEvent: (event) => {
        options.onEvent?.(event);
        if (event.class === 'canary') canarySeen.get(`${event.package} ${event.script}`)?.(event);
      },
    });
  } catch (error) {
    runtime.remove();
    throw error;
  }
  if (owner !== null) await chown(runtime.gatewaySocket, owner.uid, owner.gid);
  const bundle = certificateBundle(gateway.certificate, options.upstream.ca ?? []);
  runtime.files[bundle.path] = runtime.write('ca-bundle.pem', bundle.text);
  const places = registryPlaces(gateway.registries);
  const decoys = makeDecoys(options.registries[0]?.url ?? '');
  const helper: HelperOptions = { level, ports: places.ports, loopback: places.loopback };

  const treeOf = (extra: Extra): OuterTree => ({
    bwrap,
    toolchain,
    files: runtime.files,
    packages: [...new Set([...shared, ...extra.packages])],
    readable: extra.readable,
    writable: extra.writable,
    helper: { folder: helperFolder(), manifest: runtime.helperManifest },
    gatewaySocket: runtime.gatewaySocket,
    seccompProgram: runtime.seccompProgram,
  });
  const sessions = new Sessions(options.concurrency ?? Math.min(4, availableParallelism()), (key) =>
    Session.start(treeOf(JSON.parse(key) as Extra), helper, key, owner),
  );

  const run = async (request: ScriptRequest, grant: Grant): Promise<ScriptRun> => {
    const asked = performance.now();
    const cwd = real(request.cwd, 'folder');
    const covered = (path: string, by: readonly string[]) => by.some((place) => isWithin(path, place));
    const readable = [...grant.readable.map((path) => real(path, 'granted file')), ...toolFolders(request.env)];
    const writable = grant.writable.map((path) => real(path, 'granted folder'));
    const extra: Extra = {
      packages: covered(cwd, shared) ? [] : [cwd],
      readable: [...new Set(readable)].filter((path) => !covered(path, shared)).sort(),
      writable: [...new Set(writable)].sort(),
    };
    const tree = treeOf(extra);
    const session = await sessions.acquire(JSON.stringify(extra));
    const before = prepareFolder(cwd);
    const id = `${request.package} ${request.event}`;
    const leave = gateway.admit({
      package: request.package,
      script: request.event,
      hosts: grant.hosts,
      canaries: decoys.canaries,
    });
    const tail = new OutputTail(request.stdio === 'inherit');
    let violation: string | null = null;
    const system = readableMounts(tree);
    const visible = [...system.map(({ target }) => target), ...tree.packages, cwd, ...writable];
    const name = `home-${Math.random().toString(36).slice(2)}`;
    const { id: job, exit } = session.run(
      {
        package: request.package,
        script: request.event,
        argv: innerCommand(
          {
            bwrap,
            setpriv: probe.setpriv!,
            prlimit: probe.prlimit!,
            system,
            packages: tree.packages,
            writable: [cwd, ...writable],
            protected: [],
            home: { name, path: home },
            cwd,
            limits: grant.limits,
          },
          ['/bin/sh', '-c', request.command],
        ),
        env: scriptEnvironment(request.env, grant.env, {
          home,
          toolchain,
          visible,
          bundle: bundle.path,
          registry: options.registries[0]?.url ?? null,
          proxied: places.needsProxy,
        }),
        seccomp: true,
        home: name,
        decoys: decoys.files,
        hosts: [...places.names, ...grant.hosts],
        written: [cwd, ...writable],
        limits: grant.limits,
        killOnDecoyThenNetwork: consequences['decoy-then-network'] === 'kill',
      },
      {
        output: (stream, chunk) => tail.push(stream, chunk),
        event: ({ class: kind, target, action, evidence }) =>
          options.onEvent?.({
            time: new Date().toISOString(),
            package: request.package,
            script: request.event,
            class: kind,
            target,
            action,
            evidence,
          }),
      },
    );
    const started = performance.now();
    canarySeen.set(id, (event) => {
      if (consequences.canary !== 'kill') return;
      violation ??= `tried to send a planted credential to ${event.target}`;
      session.signal(job, 'SIGKILL');
    });
    const abort = () => session.signal(job, 'SIGKILL');
    request.signal?.addEventListener('abort', abort, { once: true });
    if (request.signal?.aborted) abort();
    ended.add(abort);
    let result: ExitMessage;
    try {
      result = await exit;
    } finally {
      ended.delete(abort);
      request.signal?.removeEventListener('abort', abort);
      canarySeen.delete(id);
      leave();
      await sessions.release(session);
    }
    for (const { class: kind, path, evidence } of cleanFolder(before, [
      ...tree.packages,
      ...visible.filter((place) => place.startsWith('/usr')),
    ])) {
      options.onEvent?.({
        time: new Date().toISOString(),
        package: request.package,
        script: request.event,
        class: kind,
        target: path,
        action: 'undone',
        evidence,
      });
    }
    violation ??= result.violation;
    const killed = result.limit !== null || violation !== null || request.signal?.aborted === true;
    return {
      package: request.package,
      location: request.location,
      event: request.event,
      command: request.command,
      exitCode: killed ? null : result.code,
      signal: killed ? 'SIGKILL' : result.signal,
      ms: result.ms,
      sandbox: level,
      output: tail.text(),
      limit: result.limit,
      ...(violation === null ? {} : { violation }),
      metrics: {
        startMs: started - asked,
        peakMemoryBytes: result.peakMemoryBytes,
        peakProcesses: result.peakProcesses,
        writtenBytes: result.writtenBytes,
      },
    };
  };

  let closing: Promise<void> | null = null;
  return {
    level,
    run,
    close: () => {
      closing ??= sessions
        .close()
        .then(() => gateway.close())
        .finally(() => runtime.remove());
      return closing;
    },
  };
}
