import type { Verdict } from '../../model.js';
import type { Thresholds } from '../../score.js';
import type { AnalyzerTarget } from '../analyze-file.js';

/** What a worker is sent first. */
export interface WorkerSetup {
  rulesFolders: string[];
  thresholds: Thresholds;
  /** Folder of the unpacked store, which keeps what is read here; null for none. */
  store: string | null;
}

/** One job: paths, never bytes. */
export interface Job {
  id: number;
  target: AnalyzerTarget;
  /** `unpack` only brings a tarball into the store. */
  work: 'scan' | 'unpack';
}

/** An error that the caller must know of, by its parts. */
export interface ErrorParts {
  message: string;
  code: string;
  exitCode: number;
  where: string;
  next: string[];
}

/** What comes back. `unusable` says that the worker cannot work at all, for a rule file is not valid. */
export type Answer =
  | { id: number; verdict: Verdict }
  | { id: number; stored: boolean }
  | { id: number; error: ErrorParts }
  | { unusable: ErrorParts };
