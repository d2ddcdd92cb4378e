import { analyzePackage, type RuleSet } from '../../../src/analyze/index.js';
import type { Action } from '../../../src/model.js';
import { mutant } from './mutate.js';
import { asPackage, type Original } from './packages.js';

/** What became of one mutant. */
export interface Survivor {
  id: string;
  number: number;
  steps: string[];
  action: Action | 'failed';
  ms: number;
  error: string | null;
}

/** Rewrites and judges the mutants of a fixture that have these numbers. */
export async function judgeMutants(
  { sample, files }: Original,
  numbers: number[],
  rules: RuleSet,
): Promise<Survivor[]> {
  const survivors: Survivor[] = [];
  for (const number of numbers) {
    const { files: mutated, steps } = await mutant(files, sample.id, number);
    const started = performance.now();
    try {
      const { action } = analyzePackage(asPackage(mutated), rules);
      survivors.push({ id: sample.id, number, steps, action, ms: performance.now() - started, error: null });
    } catch (error) {
      const ms = performance.now() - started;
      survivors.push({ id: sample.id, number, steps, action: 'failed', ms, error: String(error) });
    }
  }
  return survivors;
}

/** Share of mutants that are flagged (review or block); NaN for none. */
export function flaggedShare(survivors: readonly Survivor[]): number {
  const flagged = survivors.filter(({ action }) => action === 'review' || action === 'block');
  return flagged.length / survivors.length;
}

/** Shares by any key, worst first. */
export function sharesBy(
  survivors: readonly Survivor[],
  keys: (one: Survivor) => string[],
): [string, number, number][] {
  const groups = new Map<string, Survivor[]>();
  for (const one of survivors) for (const key of keys(one)) groups.set(key, [...(groups.get(key) ?? []), one]);
  return [...groups]
    .map(([key, group]) => [key, flaggedShare(group), group.length] as [string, number, number])
    .toSorted((a, b) => a[1] - b[1]);
}
