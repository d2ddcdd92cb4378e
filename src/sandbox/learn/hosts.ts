import { isIP } from 'node:net';
import type { SandboxEvent } from '../../model.js';
import type { Lesson, Wish } from './lesson.js';

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
/** A part of a name as long as this is data and no name: content delivery networks stay below. */
const LONGEST_LABEL = 40;

/** Host and port of a refused request; the port is null where only the name was asked for. */
function placeOf({ class: kind, target }: SandboxEvent): { host: string; port: number | null } | null {
  if (kind === 'dns') return { host: target.toLowerCase(), port: null };
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(target);
  return parts === null ? null : { host: (parts[1] ?? parts[2]!).toLowerCase(), port: Number(parts[3]) };
}

function objection(host: string, port: number | null): string | null {
  if (isIP(host) !== 0) return 'an address without a name';
  if (host === 'localhost' || !NAME.test(host)) return 'no host of the internet';
  if (host.split('.').some((label) => label.length > LONGEST_LABEL)) return 'a name that could carry data out';
  if (port !== null && port !== 443) return `port ${port}: a policy grants port 443`;
  return null;
}

/** Hosts that scripts were refused. None is proposed once a planted credential was read or sent: they would be where it goes. */
export function learnHosts({ events, runs }: Pick<Lesson, 'events' | 'runs'>): { proposed: Wish[]; refused: Wish[] } {
  const thief =
    events.some(({ class: kind, action }) => kind === 'canary' || (kind === 'decoy' && action === 'killed')) ||
    events.some(({ class: kind, evidence }) => kind === 'decoy' && evidence.endsWith('was read')) ||
    runs.some(({ violation }) => violation !== undefined);
  const proposed = new Map<string, Wish>();
  const refused = new Map<string, Wish>();
  for (const event of events) {
    if (event.action !== 'denied' || (event.class !== 'dns' && event.class !== 'network')) continue;
    const place = placeOf(event);
    if (place === null) continue;
    const { host, port } = place;
    const against = thief ? 'asked for by a script that read or sent a planted credential' : objection(host, port);
    const value = port === null || port === 443 ? host : `${host}:${port}`;
    if (against !== null) refused.set(value, { kind: 'host', value, why: against });
    else if (!proposed.has(value)) proposed.set(value, { kind: 'host', value, why: event.evidence });
  }
  return { proposed: [...proposed.values()], refused: [...refused.values()] };
}
