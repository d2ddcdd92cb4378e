import type { Verdict } from '../../model.js';
import type { Thresholds } from '../../score.js';
import type { PlaceJob, PlaceResult } from '../../store/place-job.js';
import type { AnalyzerTarget } from '../analyze-file.js';

/** What a thread (as its data) or a process (as its argument) is started with. */
export interface WorkerStart {
  /** Folder of compiled code; null for none. */
  compiledCode: string | null;
}

/** What a worker is sent first. */
export interface WorkerSetup {
  rulesFolders: string[];
  thresholds: Thresholds;
  /** Folder of the unpacked store, which keeps what is read here; null for none. */
  store: string | null;
}

/** What a worker may be sent before and beside jobs: to load the analyzer, for there will be something to scan. */
export const LOAD = 'load';

/** One job: paths, never bytes. */
export type Job =
  | { id: number; work: 'scan'; target: AnalyzerTarget }
  /** Brings a tarball, whose verdict is known, from the store into its folder; unpacks it where the store has it not. */
  | { id: number; work: 'place'; place: PlaceJob; tarball: string }
  /** Unpacks a tarball, whose verdict is known, into the store ahead of time. */
  | { id: number; work: 'keep'; integrity: string; tarball: string };

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
  | { id: number; placed: PlaceResult }
  | { id: number; kept: boolean }
  | { id: number; error: ErrorParts }
  | { unusable: ErrorParts };
