import { lookup as systemLookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { SandboxOptions } from '../sandbox.js';
import { forbiddenAddress } from './address.js';
import { GatewayConfigError } from './gateway-error.js';
import { normalHost } from './host-name.js';

const DIAL_MS = 15_000;

/** How a host name becomes addresses; the default asks the system's resolver, as npm does. */
export type Lookup = (host: string) => Promise<string[]>;

/** A refusal on the way out that is policy, not a broken network. */
export class RefusedAddressError extends Error {}

export interface Dialer {
  /** Opens a TCP connection (or a tunnel through the user's proxy). `trusted` skips the address check: the configured registry. */
  tcp(host: string, port: number, trusted: boolean): Promise<Socket>;
  /** As `tcp`, with TLS on top, verified against the user's certificate authorities. */
  tls(host: string, port: number, trusted: boolean): Promise<TLSSocket>;
  /** Connection to the user's own proxy for plain HTTP requests. */
  plainProxy(via: URL): Promise<Socket>;
  /** Proxy that a plain HTTP request to this place goes through, if any. */
  httpProxyFor(host: string, port: number): URL | null;
  /** Configured certificate authorities in PEM; undefined means Node's own and NODE_EXTRA_CA_CERTS. */
  readonly ca: string[] | undefined;
}

const systemAddresses: Lookup = async (host) => (await systemLookup(host, { all: true })).map((a) => a.address);

/** True where a NO_PROXY list (names, `.suffix`, `*.suffix`, `*`, each with an optional port) covers the place. */
export function bypassesProxy(noProxy: string | undefined, host: string, port: number): boolean {
  return (noProxy ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const cut = /^(.*?)(?::(\d+))?$/.exec(entry)!;
      if (isIP(entry) === 0 && cut[2] !== undefined && Number(cut[2]) !== port) return false;
      const bare = isIP(entry) === 0 ? cut[1]! : entry;
      const name = normalHost(bare.replace(/^\*?\./, ''));
      return name !== null && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
    });
}

/** Makes the gateway's way to the outside: own resolution, address check, the user's proxy and certificate authorities. */
export function createDialer(upstream: SandboxOptions['upstream'], lookup: Lookup = systemAddresses): Dialer {
  const ca = authorities(upstream);
  const proxy = proxyUrl(upstream.httpsProxy, 'https-proxy');
  const plainProxy = proxyUrl(upstream.httpProxy, 'proxy');

  const addressesOf = async (host: string, trusted: boolean): Promise<string[]> => {
    const all = isIP(host) === 0 ? await lookup(host) : [host];
    const open = trusted ? all : all.filter((address) => forbiddenAddress(address) === null);
    if (open.length > 0) return open;
    if (all.length === 0) throw new Error(`${host} has no address`);
    throw new RefusedAddressError(`${host} resolves to ${all[0]}: ${forbiddenAddress(all[0]!)}`);
  };

  const direct = async (host: string, port: number, trusted: boolean): Promise<Socket> => {
    let last: unknown;
    for (const address of await addressesOf(host, trusted)) {
      try {
        return await opened(tcpConnect({ host: address, port, noDelay: true }), 'connect');
      } catch (error) {
        last = error;
      }
    }
    throw last;
  };

  const throughProxy = async (via: URL, host: string, port: number, trusted: boolean): Promise<Socket> => {
    // A proxy may be the only resolver there is; where names do resolve here, the address check stands.
    await addressesOf(host, trusted).catch((error) => {
      if (error instanceof RefusedAddressError) throw error;
    });
    return connectTunnel(via, host, port, ca);
  };

  const tcp = (host: string, port: number, trusted: boolean): Promise<Socket> =>
    proxy !== null && !bypassesProxy(upstream.noProxy, host, port)
      ? throughProxy(proxy, host, port, trusted)
      : direct(host, port, trusted);

  return {
    ca,
    tcp,
    async tls(host, port, trusted) {
      const socket = await tcp(host, port, trusted);
      const secure = tlsConnect({
        socket,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) === 0 ? { servername: host } : { host }),
        ...(ca === undefined ? {} : { ca }),
      });
      return opened(secure, 'secureConnect');
    },
    plainProxy: (via) =>
      opened(tcpConnect({ host: via.hostname.replace(/^\[|\]$/g, ''), port: Number(via.port) || 80 }), 'connect'),
    httpProxyFor: (host, port) =>
      plainProxy !== null && !bypassesProxy(upstream.noProxy, host, port) ? plainProxy : null,
  };
}

function authorities(upstream: SandboxOptions['upstream']): string[] | undefined {
  const configured = [...(upstream.ca ?? [])];
  if (upstream.cafile !== undefined) {
    try {
      configured.push(readFileSync(upstream.cafile, 'utf8'));
    } catch (cause) {
      throw new GatewayConfigError(`The certificate file of npm's configuration (cafile) cannot be read.`, {
        where: upstream.cafile,
        next: ['Correct or remove `cafile` in your .npmrc.'],
        cause,
      });
    }
  }
  return configured.length > 0 ? configured : undefined;
}

function proxyUrl(value: string | undefined, key: string): URL | null {
  if (value === undefined || value === '') return null;
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(value) ? value : `http://${value}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {}
  throw new GatewayConfigError('The proxy of your configuration is not an http(s) URL.', {
    where: key,
    next: [`Set ${key} to http://host:port, or remove it.`],
  });
}

function connectTunnel(via: URL, host: string, port: number, ca: string[] | undefined): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (via.protocol === 'https:' ? https : http).request({
      host: via.hostname.replace(/^\[|\]$/g, ''),
      port: via.port || (via.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      agent: false,
      timeout: DIAL_MS,
      headers: { host: authority, ...proxyAuthorization(via) },
      ...(ca === undefined ? {} : { ca }),
    });
    request.on('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`proxy ${via.host} answered ${response.statusCode} to CONNECT ${authority}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    request.on('response', (response) => {
      request.destroy(new Error(`proxy ${via.host} answered ${response.statusCode} to CONNECT ${authority}`));
    });
    request.on('timeout', () => request.destroy(new Error(`proxy ${via.host} did not answer`)));
    request.on('error', reject);
    request.end();
  });
}

/** Header that authenticates to the user's proxy, from the credentials in its URL. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

function opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('connection timed out')), DIAL_MS);
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const closed = () => failed(new Error('connection closed'));
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.off('close', closed);
      resolve(socket);
    });
  });
}

/** Opens one connection as the gateway does to a configured registry, to see whether it can be reached. */
export function openConnection(
  host: string,
  port: number,
  secure: boolean,
  upstream: SandboxOptions['upstream'],
): Promise<Socket> {
  const dialer = createDialer(upstream);
  const name = normalHost(host) ?? host;
  if (secure) return dialer.tls(name, port, true);
  const proxy = dialer.httpProxyFor(name, port);
  return proxy === null ? dialer.tcp(name, port, true) : dialer.plainProxy(proxy);
}
