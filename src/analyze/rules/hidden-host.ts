import type { Observation } from '../observation.js';
import { hostOf, isAddress, isLocal, registrableDomain, registrableLabel } from './host.js';
import type { Evidence } from './match.js';

const MOST_TEXT = 400_000;
const IN_TEXT = /!\d+$/;
/** What the texts of a package say of a domain, for as long as its evidence is judged. */
const known = new WeakMap<Evidence['observations'], Map<string, boolean>>();

/**
 * Whether a host stands nowhere in the code that the entries reach, nor in package.json, neither as a whole nor as the word that
 * somebody chose: it was decoded, or put together of pieces that nobody can read.
 */
export function isHiddenHost(seen: Observation, evidence: Evidence): boolean {
  const host = hostOf(seen);
  if (host === null || host.includes('*') || host.includes('xn--') || isLocal(host) || comesFromData(seen))
    return false;
  const domain = isAddress(host) ? host : registrableDomain(host);
  let domains = known.get(evidence.observations);
  if (domains === undefined) {
    domains = new Map();
    known.set(evidence.observations, domains);
  }
  let hidden = domains.get(domain);
  if (hidden === undefined) {
    hidden = standsNowhere(domain, registrableLabel(host), evidence);
    domains.set(domain, hidden);
  }
  return hidden;
}

/** A data file of the package may hold the address as it is. */
function comesFromData({ args }: Observation): boolean {
  return args[0]?.taints.some(({ source, through }) => source === 'file.own' && !through.some(isDecoding)) === true;
}

function isDecoding(step: string): boolean {
  return /^(?:base64|hex|xor|charcode|reverse|zlib|cipher)$/.test(step);
}

function standsNowhere(domain: string, label: string, { manifest, read, textOf }: Evidence): boolean {
  if (JSON.stringify(manifest.raw).toLowerCase().includes(domain)) return false;
  const escaped = label.replace(/[^\w-]/g, '\\$&');
  const word = new RegExp(`['"\`./@]${escaped}['"\`.]`, 'i');
  let length = 0;
  for (const file of read ?? []) {
    // What is decoded to be run shows nobody what stands in it.
    if (IN_TEXT.test(file)) continue;
    const text = textOf(file);
    length += text.length;
    if (length > MOST_TEXT) return false;
    if (text.toLowerCase().includes(domain) || word.test(text)) return false;
  }
  return length > 0;
}
