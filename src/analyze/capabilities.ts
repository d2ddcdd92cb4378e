import type { Action, Verdict } from '../model.js';
import { actionOf, DEFAULT_THRESHOLDS, type Thresholds } from '../score.js';
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

/** How a version differs from the one before. */
export interface VerdictComparison {
  added: string[];
  removed: string[];
  /** Rules that hold now and did not before. */
  newRules: string[];
  scoreBefore: number;
  scoreAfter: number;
  /** The score of the second with what is new in it, see `weighAgainst`, and its action. */
  scoreAgainst: number;
  actionAgainst: Action;
}

/** Capabilities that make the same evidence weigh more when the version before had none of them. */
const GRAVE =
  /^(?:script:|fact:|net:|(?:install|import):(?:net|dns|code\.eval|process\.spawn|fs\.write|fs\.delete|monkeypatch)|.*→)/;
/** Evidence below this is what any package has. */
const LEAST_EVIDENCE = 15;
const POINTS_EACH = 6;
const MOST_POINTS = 36;

/**
 * The verdict of a version in the light of the one before: evidence that comes together with new capabilities weighs more, as
 * noisy-or with 6 points for each of them, at most 36; where there is no evidence, nothing is added. It is never milder than before.
 */
export function weighAgainst(
  before: Verdict,
  after: Verdict,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): { verdict: Verdict; added: string[] } {
  const had = new Set(before.capabilities);
  const added = after.capabilities.filter((word) => !had.has(word) && GRAVE.test(word));
  if (added.length === 0 || after.score < LEAST_EVIDENCE) return { verdict: after, added };
  const points = Math.min(MOST_POINTS, POINTS_EACH * added.length);
  const score = Math.round(100 * (1 - (1 - after.score / 100) * (1 - points / 100)));
  return { verdict: { ...after, score, action: actionOf(score, [after.action], thresholds) }, added };
}

/** Compares what two versions of a package can do. */
export function compareVerdicts(before: Verdict, after: Verdict): VerdictComparison {
  const weighed = weighAgainst(before, after).verdict;
  const had = new Set(before.capabilities);
  const has = new Set(after.capabilities);
  const rules = new Set(before.findings.map((finding) => finding.rule));
  return {
    added: after.capabilities.filter((word) => !had.has(word)),
    removed: before.capabilities.filter((word) => !has.has(word)),
    newRules: [...new Set(after.findings.map((finding) => finding.rule))].filter((rule) => !rules.has(rule)).sort(),
    scoreBefore: before.score,
    scoreAfter: after.score,
    scoreAgainst: weighed.score,
    actionAgainst: weighed.action,
  };
}
