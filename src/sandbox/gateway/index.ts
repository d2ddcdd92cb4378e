import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { SandboxEvent } from '../../model.js';
import type { SandboxOptions } from '../sandbox.js';
import { type Admission, type AdmittedScript, admitScript } from './admission.js';
import { createRunAuthority } from './authority.js';
import { createConnectionServer } from './connection.js';
import { createDialer, type Lookup } from './dial.js';
import { GatewayConfigError } from './gateway-error.js';
import { createMeter, type GatewayMetrics } from './metrics.js';
import { createRegistryFront } from './registry-front.js';
import { registriesOf } from './route.js';

export type { Admission } from './admission.js';
export type { Canary } from './canary.js';
export { findCanary } from './canary.js';
export { openConnection } from './dial.js';
export { GatewayConfigError } from './gateway-error.js';
export { hostMatches, normalHost } from './host-name.js';
export type { GatewayMetrics } from './metrics.js';
export { type ConnectLine, connectLine, type EventLine, eventLine, readLine, readUntil } from './protocol.js';

export interface GatewayOptions extends Pick<SandboxOptions, 'registries' | 'upstream' | 'scanTarball'> {
  /** Absolute path of the Unix socket to listen on, at most 107 bytes; an old one is replaced. */
  socketPath: string;
  onEvent: (event: SandboxEvent) => void;
  /** How names become addresses; the system's resolver by default. */
  lookup?: Lookup;
}

/** The only way out of the sandbox: lives on the host, for the scripts of one run. */
export interface Gateway {
  readonly socketPath: string;
  /** Public certificate (PEM) that scripts must trust for the registry; made for this run alone. */
  readonly certificate: string;
  /** Registry places by host, port and protocol, for the helper's names and listeners. */
  readonly registries: readonly { protocol: 'https:' | 'http:'; host: string; port: number }[];
  /** Lets one script use the gateway; the returned function ends its connections and its leave. */
  admit(admission: Admission): () => void;
  metrics(): GatewayMetrics;
  close(): Promise<void>;
}

/**
 * Starts the gateway. Each connection starts with one JSON line (see protocol.ts), is answered with one, and carries raw
 * bytes after that. The configured registries are read only, with TLS ended here and every tarball scanned; hosts of an
 * admitted script get a tunnel on port 443 behind a matching server name; all else is refused and an event. A refusal
 * after the answer line ends the connection, never with a body.
 *
 * @throws GatewayConfigError where registry, proxy or certificates of the configuration cannot be used.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  if (Buffer.byteLength(options.socketPath) > 107) {
    throw new GatewayConfigError('The path of the gateway socket is too long for a Unix socket.', {
      where: options.socketPath,
      next: ['Choose a shorter SAFE_INSTALL_HOME or TMPDIR.'],
    });
  }
  for (const { url } of options.registries) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new GatewayConfigError('A registry of the configuration is not an http(s) URL.', {
        where: url,
        next: ['Correct `registry` (or `@scope:registry`) in your .npmrc.'],
      });
    }
  }
  const registries = registriesOf(options.registries);
  const authority = createRunAuthority();
  const dialer = createDialer(options.upstream, options.lookup);
  const meter = createMeter();
  const front = createRegistryFront({ authority, dialer, meter, scanTarball: options.scanTarball });
  const admitted = new Map<string, AdmittedScript[]>();
  const sockets = new Set<Socket>();
  const serve = createConnectionServer({
    registries,
    dialer,
    front,
    meter,
    scriptOf: (packageId, event) => admitted.get(`${packageId} ${event}`)?.at(-1) ?? null,
  });

  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void serve(socket);
  });
  await rm(options.socketPath, { force: true });
  server.listen(options.socketPath);
  await once(server, 'listening');
  await chmod(options.socketPath, 0o600);

  return {
    socketPath: options.socketPath,
    certificate: authority.certificate,
    registries: registries.map(({ protocol, host, port }) => ({ protocol, host, port })),
    admit(admission) {
      const key = `${admission.package} ${admission.script}`;
      const script = admitScript(admission, options.onEvent);
      admitted.set(key, [...(admitted.get(key) ?? []), script]);
      return () => {
        script.endAll();
        const rest = (admitted.get(key) ?? []).filter((other) => other !== script);
        if (rest.length > 0) admitted.set(key, rest);
        else admitted.delete(key);
      };
    },
    metrics: () => meter.read(),
    async close() {
      for (const socket of sockets) socket.destroy();
      front.close();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
