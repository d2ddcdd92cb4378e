import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { SandboxEvent } from '../../model.js';
import { confinedEnvironment } from '../confined-environment.js';
import { makeDecoys } from '../decoys.js';
import { createGateway } from '../gateway/index.js';
import { makeFolder } from '../make-folder.js';
import { PROTECTED_NAMES } from '../protected-names.js';
import type { Grant, Sandbox, SandboxOptions, ScriptRequest } from '../sandbox.js';
import { SandboxRequestError } from '../sandbox-errors.js';
import { toolFolders } from '../script-environment.js';
import { discoverToolchain, isWithin } from '../toolchain.js';
import { consequencesOf } from '../violations.js';
import { followDenials } from './log-stream.js';
import { seatbeltProfile } from './profile.js';
import { MAC_PROGRAMS } from './programs.js';
import { openProxyPort } from './proxy-port.js';
import { runInSeatbelt } from './run-script.js';
import { seatbeltTree } from './tree.js';

/**
 * Starts what the scripts of one install share on macOS: the gateway, the private folders, the certificates. Each script gets
 * a profile, a home with decoys, a temporary folder and a proxy port of its own.
 *
 * @throws GatewayConfigError where registry or proxy of the configuration cannot be used.
 */
export async function createSeatbeltSandbox(options: SandboxOptions, programs = MAC_PROGRAMS): Promise<Sandbox> {
  const runtime = realpathSync(mkdtempSync(join(tmpdir(), 'si-')));
  const decoys = makeDecoys(options.registries[0]?.url ?? '');
  const consequences = consequencesOf(options);
  const onCanary = new Map<string, (event: SandboxEvent) => void>();
  const gateway = await createGateway({
    socketPath: join(runtime, 'gateway.sock'),
    registries: options.registries,
    upstream: options.upstream,
    ...(options.scanTarball === undefined ? {} : { scanTarball: options.scanTarball }),
    onEvent: (event) => {
      options.onEvent?.(event);
      if (event.class === 'canary') onCanary.get(`${event.package} ${event.script}`)?.(event);
    },
  }).catch((error: unknown) => {
    rmSync(runtime, { recursive: true, force: true });
    throw error;
  });
  const authority = join(runtime, 'registry-ca.pem');
  const bundle = join(runtime, 'ca-bundle.pem');
  writeFileSync(authority, [gateway.certificate, ...extraAuthorities(options)].join('\n'));
  writeFileSync(bundle, [gateway.certificate, ...extraAuthorities(options), ...rootCertificates].join('\n'));
  const packages = options.readable.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const toolchain = discoverToolchain(process.env['PATH'] ?? '', homedir(), [realpathSync(options.projectRoot)]);
  const running = new Set<AbortController>();
  let count = 0;

  const run: Sandbox['run'] = async (asked, grant) => {
    const request = { ...asked, cwd: realOf(asked.cwd, 'folder of a package') };
    const granted = realGrant(grant);
    const folder = join(runtime, String(++count));
    const [home, tmp] = [join(folder, 'home'), join(folder, 'tmp')];
    for (const path of [home, tmp]) mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const { path, content } of decoys.files) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), content, { mode: 0o600 });
    }
    const tag = `safe-install-${randomBytes(8).toString('hex')}`;
    const named = { package: request.package, script: request.event };
    const tell = (event: Pick<SandboxEvent, 'class' | 'target' | 'action' | 'evidence'>) =>
      options.onEvent?.({ time: new Date().toISOString(), ...named, ...event });
    const leave = gateway.admit({
      ...named,
      hosts: grant.hosts,
      ...(grant.deniedHosts === undefined ? {} : { deniedHosts: grant.deniedHosts }),
      canaries: decoys.canaries,
    });
    const port = await openProxyPort(gateway.socketPath, named);
    const denials = followDenials(programs.log, tag, ({ process: program, operation, target, class: kind }) =>
      tell({ class: kind, target, action: 'denied', evidence: `${program}: ${operation}` }),
    );
    const controller = linkedSignal(request);
    running.add(controller);
    try {
      const tree = seatbeltTree(request, granted, {
        tag,
        packages: [...packages, ...toolFolders(request.env)],
        toolchain: toolchain.readable,
        files: [authority, bundle],
        own: [home, tmp],
        protectedNames: PROTECTED_NAMES.map(([name]) => name),
        proxyPort: port.port,
      });
      const shown = [...tree.readable, ...tree.own, ...tree.granted, '/usr', '/bin', '/sbin'];
      const set = grant.setEnv ?? {};
      const job = runInSeatbelt({
        request: { ...request, signal: controller.signal },
        grant: granted,
        profile: seatbeltProfile(tree),
        env: confinedEnvironment({ ...request.env, ...set }, [...grant.env, ...Object.keys(set)], {
          home,
          tmp,
          npmrc: { user: `${home}/.npmrc-none`, global: `${home}/.npmrc-none` },
          toolchain,
          systemPrograms: ['/usr/bin', '/bin', '/usr/sbin', '/sbin'],
          extraAuthorities: authority,
          bundle,
          registry: options.registries[0]?.url ?? null,
          proxy: { http: port.port, socks: port.port },
          shown: (path) => existsSync(path) && shown.some((place) => isWithin(realpathSync(path), place)),
        }),
        folder,
        program: programs.sandboxExec,
        packages,
        tell,
      });
      onCanary.set(`${request.package} ${request.event}`, ({ target }) => {
        if (consequences.canary !== 'kill') return;
        const what = `tried to send a planted credential to ${target}`;
        tell({ class: 'canary', target, action: 'killed', evidence: what });
        job.kill(what);
      });
      return await job.run;
    } finally {
      running.delete(controller);
      onCanary.delete(`${request.package} ${request.event}`);
      leave();
      denials.stop();
      await port.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  let closing: Promise<void> | null = null;
  const close = async () => {
    for (const controller of running) controller.abort('SIGTERM');
    await gateway.close();
    rmSync(runtime, { recursive: true, force: true });
  };
  return {
    level: 'seatbelt',
    run,
    metrics: () => gateway.metrics(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Profiles name real paths: on macOS /tmp and /var are links. */
function realGrant(grant: Grant): Grant {
  return {
    ...grant,
    readable: grant.readable.map((path) => realOf(path, 'readable path of the grant')),
    writable: grant.writable.map((path) => realOf(makeFolder(path), 'writable folder of the grant')),
  };
}

function realOf(path: string, what: string): string {
  if (existsSync(path)) return realpathSync(path);
  throw new SandboxRequestError(`The ${what} does not exist.`, path, ['Create it, or take it out of the grant.']);
}

/** A signal of our own that follows the request's: closing the sandbox ends the script too. */
function linkedSignal(request: ScriptRequest): AbortController {
  const controller = new AbortController();
  const follow = () => controller.abort(request.signal?.reason);
  if (request.signal?.aborted) follow();
  else request.signal?.addEventListener('abort', follow, { once: true });
  return controller;
}

function extraAuthorities(options: SandboxOptions): string[] {
  const files = [options.upstream.cafile, process.env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined);
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  return [...(options.upstream.ca ?? []), ...texts];
}
