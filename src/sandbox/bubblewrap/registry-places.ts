import { isIP } from 'node:net';
import type { Gateway } from '../gateway/index.js';
import type { HelperOptions } from './helper/protocol.js';

/** How the registries of a run are reached from inside. */
export interface RegistryPlaces {
  /** Names that DNS must answer. */
  names: string[];
  ports: HelperOptions['ports'];
  /** Registries on the loopback of the host: listened for at the same place inside. */
  loopback: HelperOptions['loopback'];
  /** True where one stands at a plain address of another machine, to which only a proxy leads. */
  needsProxy: boolean;
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** Sorts the registries by the way that leads to them. */
export function registryPlaces(registries: Gateway['registries']): RegistryPlaces {
  const loopback = registries.filter(({ host }) => isLoopback(host));
  const named = registries.filter(({ host }) => !isLoopback(host) && isIP(host) === 0);
  const ports = new Map<number, 'tls' | 'http'>([[443, 'tls']]);
  for (const { port, protocol } of [...loopback, ...named]) ports.set(port, protocol === 'https:' ? 'tls' : 'http');
  return {
    names: [...new Set(named.map(({ host }) => host))],
    ports: [...ports].map(([port, transport]) => ({ port, transport })),
    loopback: loopback.map(({ host, port }) => ({ host, port })),
    needsProxy: loopback.length + named.length < registries.length,
  };
}
