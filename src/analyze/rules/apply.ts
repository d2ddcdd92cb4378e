import type { Action, Phase, SliceStep } from '../../model.js';
import { mayHold } from './by-name.js';
import { dilution, type Extent } from './distance.js';
import type { RuleSet } from './load-rules.js';
import { type Evidence, evaluate, type Match, separates } from './match.js';
import type { Rule } from './schema.js';

/** A rule that holds at a place, before its slice is rendered. */
export interface Hit {
  rule: Rule;
  phase: Phase;
  file: string;
  line: number;
  message: string;
  weight: number;
  floor: Action | null;
  /** Runs when its entry runs, or is bad enough when somebody calls it; not where it is spread over a large program. */
  unasked: boolean;
  guards: string[];
  steps: SliceStep[];
}

/** A match with what it weighs after benign separators. */
interface Weighed {
  match: Match;
  weight: number;
  why: string[];
  /** What the rule's separators alone leave of the weight. */
  left: number;
  /** It stands on its own: neither asked for by a caller only, nor spread over a large program. */
  alone: boolean;
}

const SMALL: Extent = { files: 0, bytes: 0 };

const MAX_HITS_PER_RULE = 3;

const ASKED_OF_GRAVE = 0.5;

const OF_TOOLS: ReadonlySet<string> = new Set(['sabotage', 'worm']);

/** Applies every rule to the evidence; of a rule's places the heaviest few are kept. */
export function applyRules(evidence: Evidence, rules: RuleSet): Hit[] {
  return rules.rules.flatMap((rule) => applyRule(rule, evidence, rules));
}

function applyRule(rule: Rule, evidence: Evidence, rules: RuleSet): Hit[] {
  if (!mayHold(rule.when, evidence)) return [];
  const hits: Hit[] = [];
  for (const matches of evaluate(rule.when, rule.near, evidence, rules).values()) {
    const weighed = matches.flatMap((match) => weigh(rule, match, matches, evidence, rules) ?? []);
    const best = heaviest(weighed);
    if (best !== undefined) hits.push(hitOf(rule, best, matches));
  }
  return hits.sort((a, b) => b.weight - a.weight || a.line - b.line).slice(0, MAX_HITS_PER_RULE);
}

/** The heaviest of the ways in which the rule's condition holds in a scope. */
function heaviest(weighed: readonly Weighed[]): Weighed | undefined {
  const ways = new Map<number | undefined, Weighed[]>();
  for (const each of weighed) ways.set(each.match.way, [...(ways.get(each.match.way) ?? []), each]);
  return [...ways.values()].map(asWeakestPart).sort(byWeight)[0];
}

function byWeight(a: Weighed, b: Weighed): number {
  return b.weight - a.weight || a.match.line - b.match.line;
}

/** What needs several things is as bad as the least bad of them: a separator that holds for all that does one part lowers the whole. */
function asWeakestPart(weighed: readonly Weighed[]): Weighed {
  const best = [...weighed].sort(byWeight)[0] as Weighed;
  const parts = new Map<number | undefined, Weighed>();
  for (const each of weighed) {
    const worst = parts.get(each.match.part);
    if (worst === undefined || each.left > worst.left) parts.set(each.match.part, each);
  }
  const weakest = [...parts.values()].reduce((a, b) => (b.left < a.left ? b : a), best);
  if (weakest.left >= best.left) return best;
  const why = [...new Set([...best.why, ...weakest.why])];
  return { ...best, weight: Math.round((best.weight * weakest.left) / best.left), why };
}

/** A phase to which the rule gives nothing is none of its business. */
function weigh(
  rule: Rule,
  match: Match,
  matches: readonly Match[],
  evidence: Evidence,
  rules: RuleSet,
): Weighed | null {
  const points = rule.weight[match.phase];
  if (points === undefined) return null;
  if (rule.unless !== undefined && separates(rule.unless, match, rule.near, evidence, rules)) return null;
  const diluted = dilution(rule, match, matches, evidence.extent ?? SMALL);
  const separators: { factor: number; why: string }[] = rule.soften.filter((separator) =>
    separates(separator.when, match, rule.near, evidence, rules),
  );
  const left = separators.reduce((product, separator) => product * separator.factor, 1);
  if (diluted !== null) separators.push(diluted);
  const once = match.unasked ? 1 : asked(rule, evidence.extent ?? SMALL);
  const factor = left * (diluted?.factor ?? 1) * once;
  return {
    match,
    weight: Math.round(points * factor),
    why: separators.map((separator) => separator.why),
    left,
    alone: diluted === null && (match.unasked || rule.asked >= 0.7),
  };
}

const SMALL_PACKAGE: Extent = { files: 30, bytes: 120_000 };

/**
 * What is left of a rule's weight where the code runs only when somebody calls it. In a small package the bad part is no
 * corner of a large tool: a grave deed there is looked at even so. Removing files and
 * publishing are left out: every store of files and every release tool does so when it is asked to.
 */
function asked(rule: Rule, { files, bytes }: Extent): number {
  const isSmall = files <= SMALL_PACKAGE.files && bytes <= SMALL_PACKAGE.bytes;
  return isSmall && rule.severity === 'critical' && !OF_TOOLS.has(rule.family)
    ? Math.max(rule.asked, ASKED_OF_GRAVE)
    : rule.asked;
}

function hitOf(rule: Rule, { match, weight, why, alone }: Weighed, matches: readonly Match[]): Hit {
  const others = matches.filter((each) => each.line !== match.line || each.file !== match.file).slice(0, 3);
  const note = why.length === 0 ? '' : ` (weighs less: ${why.join('; ')})`;
  const guards = matches.flatMap((each) => each.guards).map((guard) => `${guard.kind}: ${guard.text}`);
  return {
    rule,
    phase: match.phase,
    file: match.file,
    line: match.line,
    message: `${rule.title}: ${match.what}${note}`,
    weight,
    floor: why.length > 0 || !match.unasked ? null : (rule.floor ?? null),
    unasked: alone,
    guards: [...new Set(guards)].slice(0, 8),
    steps: [...match.steps, ...others.flatMap((each) => each.steps)].slice(0, 24),
  };
}
