import { isIP } from 'node:net';
import type { RegistryOrigin } from '../sandbox.js';
import { hostMatches, normalHost } from './host-name.js';

/** A registry as the gateway uses it: where it listens, and which base paths of that place are registries. */
export interface Registry {
  protocol: 'https:' | 'http:';
  host: string;
  port: number;
  /** Longest base path first, each with a final slash. */
  bases: { path: string; authorization: string | undefined }[];
}

export type Route =
  | { kind: 'registry'; registry: Registry }
  | { kind: 'tunnel'; host: string; port: number }
  | { kind: 'refused'; reason: string };

/** Groups the configured registry URLs by host and port. */
export function registriesOf(origins: readonly RegistryOrigin[]): Registry[] {
  const places = new Map<string, Registry>();
  for (const { url, authorization } of origins) {
    const parsed = new URL(url);
    const host = normalHost(parsed.hostname);
    if (host === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) continue;
    const port = Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80);
    const key = `${parsed.protocol}//${host}:${port}`;
    const place = places.get(key) ?? { protocol: parsed.protocol, host, port, bases: [] };
    const path = parsed.pathname.endsWith('/') ? parsed.pathname : `${parsed.pathname}/`;
    const twin = place.bases.find((base) => base.path === path);
    if (twin) twin.authorization ??= authorization;
    else place.bases.push({ path, authorization });
    place.bases.sort((a, b) => b.path.length - a.path.length);
    places.set(key, place);
  }
  return [...places.values()];
}

/** Decides what a connection to `host:port` is for a script: the registry, a tunnel, or refused and why. `tls` null: not known yet. */
export function routeFor(
  target: { host: string | null; port: number; tls: boolean | null },
  registries: readonly Registry[],
  granted: { hosts: readonly string[]; deniedHosts: readonly string[] },
): Route {
  const { port } = target;
  if (target.host === null) return { kind: 'refused', reason: 'no host name: addresses cannot be reached directly' };
  const host = normalHost(target.host);
  if (host === null) return { kind: 'refused', reason: 'malformed host name' };
  if (granted.deniedHosts.some((pattern) => hostMatches(pattern, host, port, null))) {
    return { kind: 'refused', reason: 'host is denied by the settings' };
  }
  const spoken = (r: Registry) => target.tls === null || (r.protocol === 'https:') === target.tls;
  const registry = registries.find((r) => r.host === host && r.port === port && spoken(r));
  if (registry) return { kind: 'registry', registry };
  if (isIP(host) !== 0) return { kind: 'refused', reason: 'addresses cannot be reached directly' };
  if (!granted.hosts.some((pattern) => hostMatches(pattern, host, port, null))) {
    return { kind: 'refused', reason: 'host is not granted' };
  }
  if (target.tls === false) return { kind: 'refused', reason: 'granted hosts are reached by TLS only' };
  if (!granted.hosts.some((pattern) => hostMatches(pattern, host, port, 443))) {
    return { kind: 'refused', reason: 'granted hosts are reached on port 443 only' };
  }
  return { kind: 'tunnel', host, port };
}
