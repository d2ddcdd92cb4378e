import type { Verdict } from '../../model.js';
import type { PlaceResult } from '../../store/index.js';
import type { Job } from './protocol.js';

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

  take(): Pending | undefined {
    let best = 0;
    for (const [at, pending] of this.#waiting.entries()) {
      const first = this.#waiting[best] as Pending;
      if (rank(pending) > rank(first) || (rank(pending) === rank(first) && pending.bytes > first.bytes)) best = at;
    }
    return this.#waiting.splice(best, 1)[0];
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
