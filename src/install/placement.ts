import procLog from 'proc-log';
import type { FetchSettings, PinnedTarball } from '../fetch/index.js';
import {
  DEFAULT_MODES,
  type PlaceJob,
  type PlaceModes,
  type PlaceResult,
  pruneDaily,
  storeFolder,
} from '../store/index.js';
import type { Rooms } from './options.js';

type Place = (job: PlaceJob, tarball: string, bytes: number) => Promise<PlaceResult>;

/** How the bytes of an install's packages reach node_modules. */
export class Placement {
  readonly #store: string;
  readonly #fallback: Rooms['extract'];
  readonly #place: Place;
  readonly #counts = { placed: 0, unpacked: 0, failed: 0 };

  /**
   * @param fallback npm's own extraction, for what the store cannot do
   * @param place writes a package from the store, or from its tarball where the store has it not
   */
  constructor(stateDir: string, fallback: Rooms['extract'], place: Place) {
    this.#store = storeFolder(stateDir);
    this.#fallback = fallback;
    this.#place = place;
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
      const share = mayLink ? 'link' : 'reflink';
      const result = await this.#place(
        { store: this.#store, integrity, folder, modes: modesOf(settings.flat), share },
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
    const { placed, unpacked, failed } = this.#counts;
    if (placed + unpacked + failed === 0) return;
    procLog.log.verbose(
      'store',
      `${placed} packages from the store, ${unpacked} from their tarballs, ${failed} as npm unpacks them`,
    );
    await pruneDaily(this.#store, Date.now());
  }
}

function modesOf(flat: Record<string, unknown>): PlaceModes {
  const number = (value: unknown, otherwise: number): number =>
    typeof value === 'number' && value !== 0 ? value : otherwise;
  return {
    fmode: number(flat['fmode'], DEFAULT_MODES.fmode),
    dmode: number(flat['dmode'], DEFAULT_MODES.dmode),
    umask: number(flat['umask'], DEFAULT_MODES.umask),
  };
}
