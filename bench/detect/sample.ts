import type { Action, Phase } from '../../src/model.js';

/** The sets that rates are told for; `malicious` and `look-alike` are our fixtures, the others real packages. */
export type SampleSet = 'malicious' | 'look-alike' | 'real with scripts' | 'real popular';

/** One package to be judged. */
export interface Sample {
  set: SampleSet;
  /** Fixture id, or `name@version`. */
  id: string;
  /** A package folder or a .tgz file. */
  path: string;
  kind: 'folder' | 'tarball';
  phase: Phase | null;
  family: string | null;
  /** Verdicts that are right. */
  right: Action[];
}

/** What one contender said of one sample; `failed` where it crashed, hung or ran out of memory. */
export interface Outcome {
  action: Action | 'failed';
  score: number | null;
  /** Ids of what was found, heaviest first. */
  rules: string[];
  /** Processor time, which other work on the machine does not lengthen. */
  ms: number;
  /** Resident memory of the scanning process after the sample. */
  rssMb: number;
  error: string | null;
}
