import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlaceJob, PlaceResult } from '../../store/index.js';
import { isAlive, startOf } from '../process-life.js';
import { movePackage } from './move-package.js';
import type { PlaceThreads } from './place-threads.js';

// One folder a process, `<process>-<its start>-<random>`, so that what a killed one has left is known for what it is.
const NAME = /^(\d+)-(\d+)-[0-9a-f]{12}$/;

/** The folder of what is written ahead, inside SAFE_INSTALL_HOME. */
export function stagesFolder(stateDir: string): string {
  return join(stateDir, 'staged');
}

/** A package whose verdict is known. */
export interface StagedPackage {
  integrity: string;
  /** File of its tarball; empty where the store has it. */
  tarball: string;
}

interface Staged {
  folder: string;
  placed: Promise<PlaceResult>;
}

/**
 * Packages that threads write while the tree is still being resolved: into a folder outside the project, for the project's own may
 * hold nothing before every verdict is in. From there each is moved to where it belongs.
 */
export class Stage {
  readonly #folder: string;
  readonly #threads: PlaceThreads;
  readonly #job: Pick<PlaceJob, 'store' | 'modes'>;
  readonly #staged = new Map<string, Staged[]>();
  /** By integrity, how often it was begun, and how often it is wanted as far as is known. */
  readonly #begun = new Map<string, number>();
  readonly #wanted = new Map<string, number>();
  #count = 0;

  constructor(stateDir: string, threads: PlaceThreads, job: Pick<PlaceJob, 'store' | 'modes'>) {
    this.#job = job;
    const name = `${process.pid}-${startOf(process.pid) ?? 0}-${randomBytes(6).toString('hex')}`;
    this.#folder = join(stagesFolder(stateDir), name);
    this.#threads = threads;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Begins to write packages, one for each time that an integrity is named. */
  begin(packages: readonly StagedPackage[]): void {
    for (const { integrity, tarball } of packages) {
      const folder = join(this.#folder, String(this.#count++));
      const placed = this.#threads.place({ ...this.#job, integrity, folder, share: 'reflink', make: true }, tarball);
      this.#begun.set(integrity, (this.#begun.get(integrity) ?? 0) + 1);
      const others = this.#staged.get(integrity);
      if (others === undefined) this.#staged.set(integrity, [{ folder, placed }]);
      else others.push({ folder, placed });
    }
  }

  /** Told of each package that is allowed and will be written: begins what was not begun, for it had first to be fetched or read. */
  allowed(one: StagedPackage): void {
    const wanted = (this.#wanted.get(one.integrity) ?? 0) + 1;
    this.#wanted.set(one.integrity, wanted);
    if (wanted > (this.#begun.get(one.integrity) ?? 0)) this.begin([one]);
  }

  /** Moves a package into its folder; false where it is not there to be moved, or cannot be. */
  async take(integrity: string, folder: string): Promise<boolean> {
    const staged = this.#staged.get(integrity)?.pop();
    if (staged === undefined) return false;
    this.#threads.hurry();
    return (await staged.placed) !== 'failed' && movePackage(staged.folder, folder);
  }

  /** Lets this thread write ahead, too, which has nothing else to do; see `PlaceThreads.help`. */
  help(): Promise<void> {
    return this.#threads.help();
  }

  /** Writes a package straight into its folder, by the same threads. */
  place(job: PlaceJob, tarball: string): Promise<PlaceResult> {
    this.#threads.hurry();
    return this.#threads.place(job, tarball);
  }

  /** Ends the threads and removes what nobody took, and what killed processes have left. */
  async close(): Promise<void> {
    await this.#threads.close();
    await rm(this.#folder, { recursive: true, force: true });
    const stages = join(this.#folder, '..');
    for (const name of readdirSync(stages)) {
      const [, pid, start] = NAME.exec(name) ?? [];
      if (pid !== undefined && !isAlive(Number(pid), Number(start))) {
        await rm(join(stages, name), { recursive: true, force: true });
      }
    }
  }
}
