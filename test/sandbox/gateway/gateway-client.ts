import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxEvent } from '../../../src/model.js';
import { createRunAuthority } from '../../../src/sandbox/gateway/authority.js';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/sandbox/gateway/index.js';
import { type ConnectLine, readLine } from '../../../src/sandbox/gateway/protocol.js';

export const SCRIPT = { package: 'a@1.0.0', script: 'postinstall' };

export interface TestGateway {
  gateway: Gateway;
  events: SandboxEvent[];
  /** Opens a connection as the helper does; resolves with the answer line and the socket. */
  open(line: Partial<ConnectLine>): Promise<{ ok: boolean; reason?: string; socket: Socket }>;
  close(): Promise<void>;
}

/** Starts a real gateway on a socket in a temporary folder. */
export async function startGateway(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'gw-'));
  const events: SandboxEvent[] = [];
  const gateway = await createGateway({
    socketPath: join(folder, 's'),
    registries: [],
    upstream: {},
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    gateway,
    events,
    async open(line) {
      const socket = connect(gateway.socketPath);
      const hello = { kind: 'connect', transport: 'tls', host: null, port: 443, ...SCRIPT, ...line };
      socket.write(`${JSON.stringify(hello)}\n`);
      const answer = JSON.parse(await readLine(socket, 5000)) as { ok: boolean; reason?: string };
      return { ...answer, socket };
    },
    async close() {
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A small web server on loopback, over TLS where a name is given; its certificate authority comes with it. */
export async function startServer(handler: RequestListener, tlsName?: string) {
  const authority = createRunAuthority();
  const server =
    tlsName === undefined ? createHttpServer(handler) : createHttpsServer(authority.issue(tlsName), handler);
  server.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.certificate,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** Collects the bytes of a stream until its end; a reset counts as an end. */
export function drain(stream: Socket | IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => resolve(Buffer.concat(chunks));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', done);
    stream.on('error', done);
    stream.on('close', done);
  });
}
