import type { Fact, Observation } from '../observation.js';
import type { Evidence } from './match.js';
import type { Condition } from './schema.js';

/** By what rules may call them: by `net.out`, and by `net` for all of the kind; in the order in which they were seen. */
type ByName<T> = Map<string, T[]>;

const bySink = new WeakMap<readonly Observation[], ByName<Observation>>();
const byFactId = new WeakMap<readonly Fact[], ByName<Fact>>();

function sinksOf({ observations }: Evidence): ByName<Observation> {
  let found = bySink.get(observations);
  if (found === undefined) {
    found = byNames(observations, ({ sink }) => sink);
    bySink.set(observations, found);
  }
  return found;
}

function factsOf({ facts }: Evidence): ByName<Fact> {
  let found = byFactId.get(facts);
  if (found === undefined) {
    found = byNames(facts, ({ id }) => id);
    byFactId.set(facts, found);
  }
  return found;
}

function byNames<T>(all: readonly T[], nameOf: (each: T) => string): ByName<T> {
  const found: ByName<T> = new Map();
  for (const each of all) {
    const name = nameOf(each);
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
      const short = name.slice(0, end);
      const list = found.get(short);
      if (list === undefined) found.set(short, [each]);
      else list.push(each);
    }
  }
  return found;
}

/** Whether a condition may hold anywhere, by which sinks and facts there are at all: most rules are about what most packages do not do. */
export function mayHold(condition: Condition, evidence: Evidence): boolean {
  if ('flow' in condition) return isAmong(condition.flow.to, sinksOf(evidence));
  if ('call' in condition) return isAmong(condition.call.to, sinksOf(evidence));
  if ('fact' in condition) return isAmong(condition.fact.id, factsOf(evidence));
  if ('all' in condition) return condition.all.every((member) => mayHold(member, evidence));
  return !('any' in condition) || condition.any.some((member) => mayHold(member, evidence));
}

function isAmong(names: readonly string[], known: ReadonlyMap<string, unknown>): boolean {
  return names.some((name) => known.has(name));
}

/** What was seen at some sinks, as it came. Many conditions name the same. */
export function observationsAt(sinks: readonly string[], evidence: Evidence): readonly Observation[] {
  const known = sinksOf(evidence);
  const there = sinks.filter((sink) => known.has(sink));
  if (there.length === 0) return [];
  const key = there.join(' ');
  let found = known.get(key);
  if (found === undefined) {
    found = evidence.observations.filter(({ sink }) => there.some((each) => isPrefix(each, sink)));
    known.set(key, found);
  }
  return found;
}

/** `secret` is a prefix of `secret.file`, not of `secrets`. */
export function isPrefix(prefix: string, id: string): boolean {
  return id === prefix || (id.startsWith(prefix) && id.charAt(prefix.length) === '.');
}
