import type { Observation, Taint } from '../observation.js';
import { isPrefix } from './by-name.js';
import { hostOf, isLocal, registrableDomain } from './host.js';

/**
 * Whether what a call carries came by a connection to another host, and whoever called the package gets the messages of that connection:
 * what stands between two ends (a tunnel) has nobody to give them to, and what one host says to the other by way of a client is answered.
 */
export function isTapped(taint: Taint, seen: Observation, observations: readonly Observation[]): boolean {
  const host = hostOf(seen);
  if (host === null || isLocal(host) || isOfCaller(seen)) return false;
  return observations.some(
    (other) => other.sink === 'net.socket' && other.answered === true && isBy(taint, other) && isElsewhere(other, host),
  );
}

/** Whether a message came by a connection: one to an address that is not known is called by what made it. */
function isBy({ detail, file }: Taint, { api, target, file: at }: Observation): boolean {
  return target === null ? file === at && detail.startsWith(`${api}().`) : detail === target;
}

function isElsewhere(other: Observation, host: string): boolean {
  const second = hostOf(other);
  return second === null || (!isLocal(second) && registrableDomain(second) !== registrableDomain(host));
}

/** A relay is told where to send. */
function isOfCaller({ args: [address] }: Observation): boolean {
  return address?.taints.some(({ source }) => isPrefix('param', source)) === true;
}
