import type { Verdict } from '../model.js';
import { DEFAULT_THRESHOLDS } from '../score.js';

/** The verdict of a package whose reading a limit or a crash ended: never `allow`. */
export function limitVerdict(reason: string): Verdict {
  const note = `the package could not be read to its end: ${reason}`;
  return {
    action: 'review',
    score: DEFAULT_THRESHOLDS.review,
    findings: [
      {
        rule: 'analyzer-limit',
        severity: 'medium',
        phase: 'metadata',
        file: 'package.json',
        line: 0,
        message: note,
        slice: { steps: [{ role: 'step', file: 'package.json', line: 0, column: 0, note }], frame: note },
        weight: DEFAULT_THRESHOLDS.review,
        family: 'limits',
        unasked: true,
        floor: 'review',
        guards: [],
      },
    ],
    capabilities: [],
    stats: { files: 0, bytes: 0, parsed: 0, ms: 0, fromCache: false },
  };
}
