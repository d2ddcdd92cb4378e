import type { IncomingMessage } from 'node:http';
import { normalHost } from './host-name.js';
import { type RegistryResource, registryResource } from './registry-path.js';
import type { Registry } from './route.js';

/** A request of a script that may go on to the registry. */
export interface AcceptedRequest {
  method: 'GET' | 'HEAD';
  /** Path at the registry, base path included. */
  path: string;
  resource: RegistryResource;
  authorization: string | undefined;
}

/** Headers that go on; whatever else a script sends (credentials, cookies, own names) stays here. */
const FORWARDED = ['accept', 'accept-encoding', 'if-none-match', 'if-modified-since'] as const;

/**
 * Reads a script's request to a registry: GET or HEAD of package metadata or a tarball, the registry's own Host, no
 * body, no upgrade. Answers the reason in words where it is anything else.
 */
export function acceptRequest(
  request: IncomingMessage,
  registry: Registry,
  proxied: boolean,
): AcceptedRequest | string {
  const { method, headers, rawHeaders } = request;
  if (method !== 'GET' && method !== 'HEAD') return `method ${method} is not reading`;
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    return 'carries a body';
  if (headers.upgrade !== undefined || headers.expect !== undefined) return 'asks for another protocol';
  const hostHeaders = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hostHeaders !== 1 || !isAuthorityOf(headers.host!, registry))
    return `Host ${headers.host ?? '(none)'} is not the registry`;
  const path = proxied ? pathOfAbsolute(request.url ?? '', registry) : request.url;
  if (path === undefined || !path.startsWith('/')) return 'malformed request target';
  if (/(^|\/)\.{1,2}(\/|$)|\\|\/\/|%(2e|5c|00)/i.test(path)) return 'path is not in normal form';
  for (const base of registry.bases) {
    if (!path.startsWith(base.path)) continue;
    const resource = registryResource(path.slice(base.path.length));
    if (resource !== null) return { method, path, resource, authorization: base.authorization };
  }
  return 'path is neither package metadata nor a tarball';
}

/** Headers of the request that the registry gets, with the credentials that only the gateway knows. */
export function forwardedHeaders(
  request: IncomingMessage,
  accepted: AcceptedRequest,
  registry: Registry,
): Record<string, string> {
  const headers: Record<string, string> = { host: authorityOf(registry), 'user-agent': 'safe-install' };
  for (const name of FORWARDED) {
    const value = request.headers[name];
    if (typeof value === 'string' && !(accepted.resource === 'tarball' && name !== 'accept')) headers[name] = value;
  }
  if (accepted.authorization !== undefined) headers['authorization'] = accepted.authorization;
  return headers;
}

/** `host` or `host:port` as a Host header names the registry. */
export function authorityOf({ protocol, host, port }: Registry): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (protocol === 'https:' ? 443 : 80) ? name : `${name}:${port}`;
}

function isAuthorityOf(authority: string, registry: Registry): boolean {
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(authority);
  if (!parts || normalHost(parts[1]!) !== registry.host) return false;
  return (parts[2] === undefined ? (registry.protocol === 'https:' ? 443 : 80) : Number(parts[2])) === registry.port;
}

function pathOfAbsolute(url: string, registry: Registry): string | undefined {
  const parts = /^http:\/\/([^/?#]+)(\/[^#]*)$/i.exec(url);
  return parts && registry.protocol === 'http:' && isAuthorityOf(parts[1]!, registry) ? parts[2]! : undefined;
}
