import procLog from 'proc-log';
import type { FetchSettings, PinnedTarball } from '../fetch/index.js';
import { type PlaceJob, type PlaceResult, pruneDaily, storeFolder } from '../store/index.js';
import type { Stage } from './ahead/index.js';
import type { Rooms } from './options.js';
import { placeModes } from './place-modes.js';

type Place = (job: PlaceJob, tarball: string, bytes: number) => Promise<PlaceResult>;

/** How the bytes of an install's packages reach node_modules. */
export class Placement {
  readonly #store: string;
  readonly #fallback: Rooms['extract'];
  readonly #place: Place;
  readonly #stage: Stage | null;
  readonly #counts = { ahead: 0, placed: 0, unpacked: 0, failed: 0 };

  /**
   * @param fallback npm's own extraction, for what the store cannot do
   * @param place writes a package from the store, or from its tarball where the store has it not
   * @param stage what is written ahead; its threads then do the rest, too
   */
  constructor(stateDir: string, fallback: Rooms['extract'], place: Place, stage: Stage | null = null) {
    this.#store = storeFolder(stateDir);
    this.#fallback = fallback;
    this.#place = stage === null ? place : (job, tarball) => stage.place(job, tarball);
    this.#stage = stage;
  }

  /** Told of a tarball that will be written if nothing is refused. */
  allowed({ integrity, file }: PinnedTarball): void {
    this.#stage?.allowed({ integrity, tarball: file });
  }

  /** Writes the scanned bytes of a pinned tarball into its folder: by way of the unpacked store, else as npm unpacks it. */
  async extract(
    name: string,
    pin: PinnedTarball,
    folder: string,
    settings: FetchSettings,
    mayLink = false,
  ): Promise<void> {
    if (settings.flat['allowGitIgnore'] !== true) {
      const { integrity, file, bytes } = pin;
      if (!mayLink && (await this.#stage?.take(integrity, folder)) === true) {
        this.#counts.ahead += 1;
        return;
      }
      const share = mayLink ? 'link' : 'reflink';
      const result = await this.#place(
        { store: this.#store, integrity, folder, modes: placeModes(settings.flat), share },
        file,
        bytes,
      );
      this.#counts[result] += 1;
      if (result === 'placed' || result === 'unpacked') return;
    }
    await this.#fallback(name, pin, folder, settings);
  }

  /** Keeps the store small, and says (with npm's `--loglevel verbose`) how the packages came. */
  async close(): Promise<void> {
    await this.#stage?.close();
    const { ahead, placed, unpacked, failed } = this.#counts;
    if (ahead + placed + unpacked + failed === 0) return;
    procLog.log.verbose(
      'store',
      `${ahead + placed + unpacked} packages written (${ahead} ahead, ${unpacked} from their tarballs), ${failed} as npm unpacks them`,
    );
    await pruneDaily(this.#store, Date.now());
  }
}
