import * as http from 'node:http';
import * as https from 'node:https';
import { type Dialer, proxyAuthorization } from './dial.js';
import { authorityOf } from './registry-request.js';
import type { Registry } from './route.js';

export interface RegistryClient {
  /** Sends one request and resolves with the head of the answer; the body is still to be read. */
  request(
    method: string,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage>;
  close(): void;
}

const IDLE_MS = 60_000;

/** Speaks to one registry from the outside, over kept-alive connections that the dialer opens. */
export function createRegistryClient(registry: Registry, dialer: Dialer): RegistryClient {
  const secure = registry.protocol === 'https:';
  const agent = secure
    ? new https.Agent({ keepAlive: true, maxSockets: 32 })
    : new http.Agent({ keepAlive: true, maxSockets: 32 });
  const via = secure ? null : dialer.httpProxyFor(registry.host, registry.port);
  const dial = () => {
    if (secure) return dialer.tls(registry.host, registry.port, true);
    return via ? dialer.plainProxy(via) : dialer.tcp(registry.host, registry.port, true);
  };
  agent.createConnection = (_options, opened) => {
    dial().then(
      (socket) => opened?.(null, socket),
      (error) => opened?.(error as Error, undefined as never),
    );
    return undefined;
  };
  return {
    request: (method, path, headers, signal) =>
      new Promise((resolve, reject) => {
        const request = (secure ? https : http).request({
          agent,
          method,
          host: registry.host,
          port: registry.port,
          path: via ? `http://${authorityOf(registry)}${path}` : path,
          headers: { ...headers, ...(via ? proxyAuthorization(via) : {}) },
          signal,
          timeout: IDLE_MS,
        });
        request.on('response', resolve);
        request.on('timeout', () => request.destroy(new Error('the registry did not answer in time')));
        request.on('error', reject);
        request.end();
      }),
    close: () => agent.destroy(),
  };
}
