import type { Manifest } from '../manifest/index.js';
import type { Taint } from '../observation.js';
import { isOwnRepository } from './host.js';
import type { RuleSet } from './load-rules.js';

/**
 * Whether everything comes from where the rule says. What the same place of the code fetches from an address that is not known is where an
 * answer led on (a forge sends its files from other hosts), so it counts as the one that is known.
 */
export function isFrom(
  wanted: readonly string[],
  taints: readonly Taint[],
  manifest: Manifest,
  rules: RuleSet,
): boolean {
  const known = taints.filter(({ detail }) => ADDRESS.test(detail));
  const places = new Set(known.map(placeOf));
  return (
    known.length > 0 &&
    taints.every((taint) => places.has(placeOf(taint))) &&
    known.every(({ detail }) => wanted.some((id) => isIn(id, detail, manifest, rules)))
  );
}

/** An address of which at least the host is known, with or without its protocol. */
const ADDRESS = /^(?:https?:\/\/)?[\w-]+(?:\.[\w-]+)+(?::\d+)?\//i;

function placeOf({ file, line }: Taint): string {
  return `${file}:${line}`;
}

function isIn(id: string, address: string, manifest: Manifest, rules: RuleSet): boolean {
  if (id === 'own') return isOwnRepository(address, manifest);
  const plain = address.replace(/^https:\/\//i, '').toLowerCase();
  const host = plain.split('/', 1)[0];
  const list = rules.indicators.get(id);
  return (
    list !== undefined &&
    (list.hosts.some((name) => name === host) || list.patterns.some((start) => new RegExp(`^(?:${start})`).test(plain)))
  );
}
