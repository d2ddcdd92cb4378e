import type { Observation } from '../observation.js';
import { isPrefix } from './by-name.js';
import { hostOf, isAddress, isLocal, registrableDomain, registrableLabel } from './host.js';
import type { Evidence } from './match.js';

/** Where a package tells its users what it does. */
export const READMES = ['README.md', 'readme.md', 'Readme.md', 'README'];

const MOST_TEXT = 60_000;
const SHORTEST_NAME = 4;
/** The official interface of somebody, and none of its documents. */
const OFFICIAL =
  /\bofficial\s+([\w-]{1,40})(?:['’]s)?\s+(?:[\w-]{1,40}\s+){0,2}?(?:APIs?|endpoints?|servers?|service|backend)\b(?![\s-]*(?:docs?\b|documentation|reference|clients?\b|sdks?\b|librar|packages?\b|guides?\b|spec|pages?\b|site|compatib))/gi;
const TALKS =
  /\b(?:talk|speak|connect|send|sent|call|go|hit|quer|request|client|wrapper|sdk|binding|access|interface|us[ei]|direct|straight)/i;
/** What is said of a client that only does as another one does. */
const IS_LIKE =
  /\b(?:not?|non|un|than|like|instead|replac\w*|compatib\w*|alternativ\w*|similar|mirror\w*|based|without|proxy|proxies|proxied|relay\w*|gateway)\b/i;
const SENTENCE = 120;

/**
 * Whether a package says, in its readme, its description or beside the code, that it talks to the official interface of a well-known
 * service, while the host of a call is another one which it tells nobody about, and nothing goes to the service itself.
 */
export function isPosed(seen: Observation, evidence: Evidence, services: readonly string[]): boolean {
  const host = hostOf(seen);
  if (host === null || isLocal(host) || host.includes('*') || isTold(host, evidence)) return false;
  const named = namesSaid(seen.file, evidence, services);
  if (named.length === 0 || services.some((each) => isOf(host, each))) return false;
  return named.every(
    (name) =>
      !host.split('.').includes(name) &&
      !evidence.observations.some((other) => isPrefix('net', other.sink) && goesTo(other, name)),
  );
}

/** Whether the readme or package.json names the domain of a host. */
export function isTold(host: string, { manifest, textOf }: Evidence): boolean {
  const domain = isAddress(host) ? host : registrableDomain(host);
  const { description, homepage, keywords } = manifest.raw;
  return (
    READMES.some((file) => textOf(file).includes(domain)) ||
    JSON.stringify([description, homepage, keywords]).includes(domain)
  );
}

function namesSaid(file: string, { manifest, textOf }: Evidence, services: readonly string[]): string[] {
  const texts = [...READMES, file].map((each) => textOf(each).slice(0, MOST_TEXT));
  texts.push(String(manifest.raw['description'] ?? ''));
  const known = new Set(services.map(registrableLabel).filter((name) => name.length >= SHORTEST_NAME));
  const said = texts.flatMap((text) => (text.includes('fficial') ? saidIn(text) : []));
  return [...new Set(said)].filter((name) => known.has(name));
}

function saidIn(text: string): string[] {
  return [...text.matchAll(OFFICIAL)].flatMap(({ 1: name = '', index }) => {
    const before = text.slice(Math.max(0, index - SENTENCE), index);
    const sentence = before.split(/\.\s|[;\n]/).at(-1) ?? '';
    return TALKS.test(sentence) && !IS_LIKE.test(sentence) ? [name.toLowerCase()] : [];
  });
}

function goesTo(other: Observation, name: string): boolean {
  const host = hostOf(other);
  // A call whose host is not known may go to the service.
  return host === null || host.split('.').includes(name);
}

function isOf(host: string, service: string): boolean {
  return host === service || host.endsWith(`.${service}`);
}
