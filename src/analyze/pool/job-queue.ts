import type { Verdict } from '../../model.js';
import type { PlaceResult } from '../../store/index.js';
import type { Job } from './protocol.js';

/** Bytes of tarballs that are unpacked in memory at the same time, or else one larger one: the largest first would meet there. */
const AT_ONCE_BYTES = 24 * 1024 * 1024;

/** How a job ended; `limit` is why it was cut off. */
export type Outcome = { verdict: Verdict } | { placed: PlaceResult } | { kept: boolean } | { limit: string };

/** A job that somebody waits for. */
export interface Pending {
  job: Job;
  /** Size of its tarball. */
  bytes: number;
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/**
 * What waits for a thread: the largest first, for what begins last decides when all have ended. `keep` jobs, which nobody waits
 * for, come after all others, and not at all once packages are being written.
 */
export class JobQueue {
  readonly #waiting: Pending[] = [];

  push(pending: Pending): void {
    if (pending.job.work === 'place') this.#drop(({ job }) => job.work === 'keep');
    this.#waiting.push(pending);
  }

  /**
   * The next one; none while what waits is too much beside what is under way.
   * @param underWay bytes of the tarballs that threads hold at the moment; 0 where they hold none
   * @param scans false where nobody is there to scan
   */
  take(underWay: number, scans = true): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#waiting) {
      if (!scans && pending.job.work === 'scan') continue;
      if (underWay > 0 && underWay + pending.bytes > AT_ONCE_BYTES) continue;
      const later = best !== undefined && (rank(pending) - rank(best) || pending.bytes - best.bytes) <= 0;
      if (!later) best = pending;
    }
    if (best !== undefined) this.#waiting.splice(this.#waiting.indexOf(best), 1);
    return best;
  }

  /** What waits to be scanned; a folder, or another of which nobody said how large it is, may be of any size. */
  get scans(): { count: number; bytes: number } {
    const sizes = this.#waiting.filter(({ job }) => job.work === 'scan').map(({ bytes }) => bytes);
    const bytes = sizes.includes(0) ? Number.POSITIVE_INFINITY : sizes.reduce((sum, each) => sum + each, 0);
    return { count: sizes.length, bytes };
  }

  /** Takes all out. */
  clear(): Pending[] {
    return this.#waiting.splice(0);
  }

  get size(): number {
    return this.#waiting.length;
  }

  #drop(which: (pending: Pending) => boolean): void {
    for (const pending of this.#waiting.filter(which)) {
      this.#waiting.splice(this.#waiting.indexOf(pending), 1);
      pending.resolve({ kept: false });
    }
  }
}

function rank({ job }: Pending): number {
  return job.work === 'keep' ? 0 : 1;
}
