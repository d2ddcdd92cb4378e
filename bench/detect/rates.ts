import type { Outcome, Sample } from './sample.js';

/** A sample with what a contender said of it. */
export interface Judged {
  sample: Sample;
  outcome: Outcome;
}

/** Counts of one group; a sample on which the contender failed counts as not flagged. */
export interface Counts {
  n: number;
  flagged: number;
  blocked: number;
  failed: number;
}

/** Precision, recall and F1 at one bar, over malicious and benign samples together. */
export interface Quality {
  precision: number;
  recall: number;
  f1: number;
}

export type Bar = 'flagged' | 'blocked';

/** Whether a package is stopped at this bar: `flagged` means review or block. */
export function stops({ action }: Outcome, bar: Bar): boolean {
  return action === 'block' || (bar === 'flagged' && action === 'review');
}

/** Counts of the samples that fit. */
export function count(judged: readonly Judged[], fits: (sample: Sample) => boolean = () => true): Counts {
  const chosen = judged.filter(({ sample }) => fits(sample));
  return {
    n: chosen.length,
    flagged: chosen.filter(({ outcome }) => stops(outcome, 'flagged')).length,
    blocked: chosen.filter(({ outcome }) => stops(outcome, 'blocked')).length,
    failed: chosen.filter(({ outcome }) => outcome.action === 'failed').length,
  };
}

/** Quality at a bar. */
export function quality(judged: readonly Judged[], bar: Bar): Quality {
  const malicious = count(judged, ({ set }) => set === 'malicious')[bar];
  const all = count(judged, ({ set }) => set === 'malicious').n;
  const alarms = count(judged, ({ set }) => set !== 'malicious')[bar];
  const precision = malicious + alarms === 0 ? 0 : malicious / (malicious + alarms);
  const recall = all === 0 ? 0 : malicious / all;
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** The value below which a share (0–1) of the values lies; nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
