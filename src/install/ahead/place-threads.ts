import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { takeWorker, workerCount } from '../../analyze/pool/early-worker.js';
import type { Answer, Job, WorkerSetup } from '../../analyze/pool/protocol.js';
import { type PlaceJob, type PlaceResult, placeStored } from '../../store/place-job.js';

/** Jobs that a thread is given before it has answered: it must not wait for this one, which is busy with the tree meanwhile. */
const AT_HAND = 64;
/** The same where the tree is known: this thread is soon free to write, too. */
const AT_HAND_HELPED = 12;

interface Pending {
  place: PlaceJob;
  tarball: string;
  resolve: (result: PlaceResult) => void;
}

interface Lane {
  worker: Worker;
  pending: Map<number, Pending>;
}

/** Threads that write packages whose verdicts are known, and nothing else. */
export class PlaceThreads {
  readonly #setup: WorkerSetup;
  readonly #helped: boolean;
  readonly #lanes: Lane[] = [];
  readonly #waiting: Pending[] = [];
  #nextId = 1;
  #closed = false;

  /** @param helped whether this thread will help, see `help` */
  constructor(setup: WorkerSetup, helped = false) {
    this.#setup = setup;
    this.#helped = helped;
    // One core is left to the thread that resolves the tree.
    while (this.#lanes.length < Math.max(1, workerCount() - 1)) this.#start();
  }

  /** Writes a package into its folder: from the store, else from its tarball, which is then kept there. Never rejects. */
  place(place: PlaceJob, tarball: string): Promise<PlaceResult> {
    return new Promise((resolve) => {
      this.#waiting.push({ place, tarball, resolve });
      this.#handOut();
    });
  }

  /** Takes the core that was left to other work, too. */
  hurry(): void {
    const most = this.#helped ? 0 : workerCount();
    while (!this.#closed && this.#lanes.length > 0 && this.#lanes.length < most) this.#start();
    this.#handOut();
  }

  /** Lets this thread write what waits, instead of one more that would first have to start. */
  async help(): Promise<void> {
    for (let pending = this.#waiting.shift(); pending !== undefined; pending = this.#waiting.shift()) {
      const { place, tarball, resolve } = pending;
      resolve(placeStored(place) ?? (tarball === '' ? 'failed' : await placeTarball(place, tarball)));
      await nextTurn();
    }
  }

  /** Ends the threads; what was not begun is `failed`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lanes].map((lane) => this.#end(lane)));
  }

  #handOut(): void {
    const most = this.#helped ? AT_HAND_HELPED : AT_HAND;
    for (;;) {
      const lane = this.#lanes.reduce<Lane | null>(
        (best, each) => (each.pending.size < (best?.pending.size ?? most) ? each : best),
        null,
      );
      if (lane === null || this.#waiting.length === 0) break;
      const { place, tarball, resolve } = this.#waiting.shift() as Pending;
      const job: Job = { id: this.#nextId++, work: 'place', place, tarball };
      if (lane.pending.size === 0) lane.worker.ref();
      lane.pending.set(job.id, { place, tarball, resolve });
      lane.worker.postMessage(job);
    }
    if (this.#lanes.length === 0) for (const { resolve } of this.#waiting.splice(0)) resolve('failed');
  }

  #start(): void {
    const lane: Lane = { worker: takeWorker(), pending: new Map() };
    lane.worker.on('message', (answer: Answer) => this.#answer(lane, answer));
    lane.worker.on('error', () => this.#end(lane));
    lane.worker.on('exit', () => this.#end(lane));
    lane.worker.postMessage(this.#setup);
    lane.worker.unref();
    this.#lanes.push(lane);
  }

  #answer(lane: Lane, answer: Answer): void {
    if (!('id' in answer)) return;
    const pending = lane.pending.get(answer.id);
    lane.pending.delete(answer.id);
    if (lane.pending.size === 0) lane.worker.unref();
    pending?.resolve('placed' in answer ? answer.placed : 'failed');
    this.#handOut();
  }

  async #end(lane: Lane): Promise<void> {
    const at = this.#lanes.indexOf(lane);
    if (at < 0) return;
    this.#lanes.splice(at, 1);
    // A thread that is ended may still be writing: whoever waits goes on when it is not.
    await lane.worker.terminate();
    for (const { resolve } of lane.pending.values()) resolve('failed');
    this.#handOut();
  }
}

async function placeTarball(job: PlaceJob, tarball: string): Promise<PlaceResult> {
  const { placeUnpacked } = await import('../../analyze/pool/unpack-job.js');
  return placeUnpacked(job, tarball);
}
