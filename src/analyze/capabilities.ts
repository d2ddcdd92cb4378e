import type { Fact, Observation } from './observation.js';
import { hostOf } from './rules/index.js';

const MAX = 300;

/** What a package can do, as short words that two versions can be compared by: `script:postinstall`, `net:host`, `bin:x`, `dep:name`. */
export function capabilitiesOf(seen: {
  events: readonly string[];
  bins: readonly string[];
  dependencies: readonly string[];
  observations: readonly Observation[];
  facts: readonly Fact[];
}): string[] {
  const words = new Set<string>();
  for (const event of seen.events) words.add(`script:${event}`);
  for (const bin of seen.bins) words.add(`bin:${bin}`);
  for (const dependency of seen.dependencies) words.add(`dep:${dependency}`);
  for (const fact of seen.facts)
    if (/^(?:obfuscated|opaque|binary|hidden|remote-dependency|planted)/.test(fact.id)) words.add(`fact:${fact.id}`);
  for (const observation of seen.observations) {
    if (words.size >= MAX) break;
    if (!observation.resolved) continue;
    const host = /^(?:net|dns)\./.test(observation.sink) ? hostOf(observation) : null;
    words.add(`${observation.entry.phase}:${observation.sink}`);
    if (host !== null) words.add(`net:${host}`);
    for (const taint of observation.taints)
      if (/^(?:secret|env\.all|cloud)/.test(taint.source))
        words.add(`${observation.entry.phase}:${taint.source}→${observation.sink}`);
  }
  return [...words].sort().slice(0, MAX);
}
