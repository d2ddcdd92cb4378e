import type { Action, Phase, SliceStep } from '../../model.js';
import type { RuleSet } from './load-rules.js';
import { type Evidence, evaluate, type Match, type Near, type Scoped } from './match.js';
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
  guards: string[];
  steps: SliceStep[];
}

const MAX_HITS_PER_RULE = 3;

/** Applies every rule to the evidence; of a rule's places the heaviest few are kept. */
export function applyRules(evidence: Evidence, rules: RuleSet): Hit[] {
  return rules.rules.flatMap((rule) => applyRule(rule, evidence, rules));
}

function applyRule(rule: Rule, evidence: Evidence, rules: RuleSet): Hit[] {
  const near: Near = rule.near;
  const found = evaluate(rule.when, near, evidence, rules);
  if (found.size === 0) return [];
  if (rule.unless !== undefined) remove(found, evaluate(rule.unless, near, evidence, rules, new Set(found.keys())));
  const softened = rule.soften.map((separator) => ({
    ...separator,
    scopes: evaluate(separator.when, near, evidence, rules, new Set(found.keys())),
  }));
  const hits: Hit[] = [];
  for (const [scope, matches] of found) {
    const separators = softened.filter((separator) => separator.scopes.has(scope));
    const factor = separators.reduce((product, separator) => product * separator.factor, 1);
    const hit = hitOf(
      rule,
      matches,
      factor,
      separators.map((separator) => separator.why),
    );
    if (hit !== null) hits.push(hit);
  }
  return hits.sort((a, b) => b.weight - a.weight || a.line - b.line).slice(0, MAX_HITS_PER_RULE);
}

function remove(from: Scoped, scopes: Scoped): void {
  for (const scope of scopes.keys()) from.delete(scope);
}

function hitOf(rule: Rule, matches: readonly Match[], factor: number, why: readonly string[]): Hit | null {
  const best = [...matches].sort((a, b) => weightAt(rule, b) - weightAt(rule, a))[0];
  if (best === undefined) return null;
  const weight = Math.round(weightAt(rule, best) * factor);
  // A phase to which the rule gives nothing is none of its business, floor or not.
  if (rule.weight[best.phase] === undefined) return null;
  const others = matches
    .filter((match) => match !== best && (match.line !== best.line || match.file !== best.file))
    .slice(0, 3);
  const note = why.length === 0 ? '' : ` (weighs less: ${why.join('; ')})`;
  return {
    rule,
    phase: best.phase,
    file: best.file,
    line: best.line,
    message: `${rule.title}: ${best.what}${note}`,
    weight,
    floor: factor < 1 ? null : (rule.floor ?? null),
    guards: [...new Set(matches.flatMap((match) => match.guards).map((guard) => `${guard.kind}: ${guard.text}`))].slice(
      0,
      8,
    ),
    steps: [...best.steps, ...others.flatMap((match) => match.steps)].slice(0, 24),
  };
}

function weightAt(rule: Rule, match: Match): number {
  return (rule.weight[match.phase] ?? 0) * (match.unasked ? 1 : rule.asked);
}
