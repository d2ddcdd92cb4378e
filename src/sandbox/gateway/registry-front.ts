import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { AdmittedScript } from './admission.js';
import type { RunAuthority } from './authority.js';
import type { Dialer } from './dial.js';
import type { Meter } from './metrics.js';
import { createRegistryClient, type RegistryClient } from './registry-client.js';
import { acceptRequest, authorityOf, forwardedHeaders } from './registry-request.js';
import type { Registry } from './route.js';
import { createTarballGate, type TarballScan } from './tarball-scan.js';

/** A connection of a script to a registry. `proxied` requests name the whole URL. */
export interface RegistryVisit {
  script: AdmittedScript;
  registry: Registry;
  proxied: boolean;
}

export interface RegistryFront {
  /** Answers HTTP on a connection, inside TLS with the run's certificate where the registry speaks TLS. */
  serve(socket: Socket, visit: RegistryVisit): Promise<void>;
  /** Answers one request that another HTTP server has already read. */
  answer(request: IncomingMessage, response: ServerResponse, visit: RegistryVisit): Promise<void>;
  close(): void;
}

/** Headers of an answer that scripts get to see; cookies and the like stay outside. */
const RETURNED = [
  'content-type',
  'content-length',
  'content-encoding',
  'etag',
  'last-modified',
  'cache-control',
  'vary',
  'location',
  'npm-notice',
  'retry-after',
] as const;

/** The registry as scripts see it: read-only, without credentials, every tarball scanned before its first byte. */
export function createRegistryFront(parts: {
  authority: RunAuthority;
  dialer: Dialer;
  meter: Meter;
  scanTarball: TarballScan | undefined;
}): RegistryFront {
  const { authority, dialer, meter } = parts;
  const clients = new Map<Registry, RegistryClient>();
  const visits = new WeakMap<object, RegistryVisit>();
  const gate = parts.scanTarball === undefined ? null : createTarballGate(parts.scanTarball);

  const clientOf = (registry: Registry): RegistryClient => {
    const client = clients.get(registry) ?? createRegistryClient(registry, dialer);
    clients.set(registry, client);
    return client;
  };

  const answer: RegistryFront['answer'] = async (request, response, visit) => {
    const { script, registry } = visit;
    const started = performance.now();
    const origin = `${registry.protocol}//${authorityOf(registry)}`;
    const shown = visit.proxied ? (request.url ?? '') : `${origin}${request.url}`;
    const target = `${request.method} ${shown}`.slice(0, 1024);
    const place = `${registry.host}:${registry.port}`;
    const refuse = (reason: string | null) => {
      meter.outcome(place, 'denied');
      if (reason !== null) script.report({ class: 'registry', target, action: 'denied', evidence: reason });
      response.destroy();
      request.socket.destroy();
    };
    const said = `${request.method} ${request.url}\n${request.rawHeaders.join('\n')}`;
    if (script.carriesCanary(said, target)) return refuse(null);
    const accepted = acceptRequest(request, registry, visit.proxied);
    if (typeof accepted === 'string') return refuse(accepted);

    const abort = new AbortController();
    response.on('close', () => abort.abort());
    let got: IncomingMessage;
    try {
      const headers = forwardedHeaders(request, accepted, registry);
      got = await clientOf(registry).request(accepted.method, accepted.path, headers, abort.signal);
    } catch (error) {
      return refuse(`registry could not be asked: ${(error as Error).message}`);
    }
    got.on('error', () => response.destroy());
    const status = got.statusCode ?? 502;
    if (status === 404 && !script.mayMiss()) {
      got.destroy();
      return refuse('asks for too many names that the registry does not know');
    }
    const headers: Record<string, string> = {};
    for (const name of RETURNED) {
      const value = got.headers[name];
      if (value !== undefined) headers[name] = String(value);
    }
    if (
      gate !== null &&
      accepted.resource === 'tarball' &&
      accepted.method === 'GET' &&
      status >= 200 &&
      status < 300
    ) {
      const bytes = await gate(got, `${origin}${accepted.path}`);
      if (typeof bytes === 'string') {
        got.destroy();
        return refuse(bytes);
      }
      headers['content-length'] = String(bytes.length);
      response.writeHead(status, headers).end(bytes);
    } else {
      response.writeHead(status, headers);
      got.pipe(response);
    }
    meter.latency(performance.now() - started);
    meter.outcome(place, 'allowed');
    script.report({ class: 'registry', target, action: 'allowed', evidence: `status ${status}` });
  };

  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 60_000, keepAliveTimeout: 30_000 });
  server.on('request', (request, response) => {
    const visit = visits.get(request.socket);
    if (visit) void answer(request, response, visit);
    else request.socket.destroy();
  });
  const odd = (request: IncomingMessage, why: string) => {
    const visit = visits.get(request.socket);
    visit?.script.report({
      class: 'registry',
      target: `${request.method} ${request.url ?? ''}`.slice(0, 1024),
      action: 'denied',
      evidence: why,
    });
    request.socket.destroy();
  };
  server.on('upgrade', (request) => odd(request, 'asks for another protocol'));
  server.on('connect', (request) => odd(request, 'CONNECT to the registry'));
  server.on('checkContinue', (request) => odd(request, 'carries a body'));
  server.on('checkExpectation', (request) => odd(request, 'carries an expectation'));
  server.on('clientError', (_error, socket) => socket.destroy());

  return {
    answer,
    async serve(socket, visit) {
      const { registry, script } = visit;
      if (registry.protocol === 'http:') {
        visits.set(socket, visit);
        server.emit('connection', socket);
        return;
      }
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: authority.contextFor(registry.host),
        ALPNProtocols: ['http/1.1'],
      });
      let secured = false;
      secure.on('error', (error) => {
        secure.destroy();
        if (secured) return;
        const evidence = `TLS failed: ${error.message}`;
        script.report({ class: 'registry', target: `${registry.host}:${registry.port}`, action: 'denied', evidence });
      });
      visits.set(secure, visit);
      secure.once('secure', () => {
        secured = true;
        server.emit('connection', secure);
      });
    },
    close() {
      for (const client of clients.values()) client.close();
      server.closeAllConnections();
    },
  };
}
