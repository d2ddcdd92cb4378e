import type { Action, Finding, Phase } from './model.js';

/** Scores at which a package is looked at, or kept out. */
export interface Thresholds {
  review: number;
  block: number;
}

/** The one place of the defaults; policy may set others. */
export const DEFAULT_THRESHOLDS: Thresholds = { review: 40, block: 75 };

/** What of a finding counts for the score. */
export type Weighed = Pick<Finding, 'weight' | 'family' | 'phase' | 'unasked'>;

/** Weights below this say next to nothing, and do not add up. */
const SLIGHT = 20;

const PHASES: readonly Phase[] = ['install', 'import', 'bin', 'metadata'];

/**
 * Combines weights into a score of 0–100. Within a family the strongest finding counts (several rules of one family see the
 * same deed), and all that code would do only when called counts as one family: a large library can do many things. Families
 * combine as noisy-or, 100 · (1 − ∏(1 − w/100)), of slight ones only the heaviest: a dozen things that any program does are no deed.
 * Phase by phase, what is said of the package as a whole on top of each; the worst phase is the score. So it never falls when a finding comes on top.
 */
export function combine(findings: readonly Weighed[]): number {
  const scores = PHASES.map((phase) =>
    noisyOr(findings.filter((finding) => finding.phase === phase || finding.phase === 'metadata')),
  );
  return Math.round(Math.max(...scores));
}

function noisyOr(findings: readonly Weighed[]): number {
  const strongest = new Map<string, number>();
  for (const { family, weight, unasked } of findings) {
    const key = unasked ? family : '(when called)';
    strongest.set(key, Math.max(strongest.get(key) ?? 0, clamp(weight)));
  }
  const weights = [...strongest.values()];
  const strong = weights.filter((weight) => weight >= SLIGHT);
  const slight = Math.max(0, ...weights.filter((weight) => weight < SLIGHT));
  return 100 * (1 - [...strong, slight].reduce((innocent, weight) => innocent * (1 - weight / 100), 1));
}

/** The action of a score, not below any finding's floor. */
export function actionOf(
  score: number,
  floors: readonly (Action | null)[],
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): Action {
  if (score >= thresholds.block || floors.includes('block')) return 'block';
  return score >= thresholds.review || floors.includes('review') ? 'review' : 'allow';
}

/** Score and action of a package's findings: the one arithmetic of the analyzer, of exceptions and of explanations. */
export function judge(
  findings: readonly (Weighed & Pick<Finding, 'floor'>)[],
  thresholds: Thresholds,
): { score: number; action: Action } {
  const score = combine(findings);
  const floors = findings.map(({ floor }) => floor);
  return { score, action: actionOf(score, floors, thresholds) };
}

/** Findings in the order people read them: heaviest first, then by place. */
export function byWeight(a: Finding, b: Finding): number {
  return b.weight - a.weight || compare(a.rule, b.rule) || compare(a.file, b.file) || a.line - b.line;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function clamp(weight: number): number {
  return Math.min(100, Math.max(0, weight));
}
