import procLog from 'proc-log';
import type { FetchSettings, PinnedTarball } from '../fetch/index.js';
import { DEFAULT_MODES, type PlaceModes, type Placer, type Share, startPlacer, storeFolder } from '../store/index.js';
import type { Rooms } from './options.js';

/** How the bytes of an install's packages reach node_modules. */
export class Placement {
  readonly #store: string;
  readonly #fallback: Rooms['extract'];
  readonly #unpack: (pin: PinnedTarball) => Promise<boolean>;
  #placer: Placer | null = null;

  /**
   * @param fallback npm's own extraction, for what the store cannot do
   * @param unpack brings a tarball into the store that is not there, though its verdict is known
   */
  constructor(stateDir: string, fallback: Rooms['extract'], unpack: (pin: PinnedTarball) => Promise<boolean>) {
    this.#unpack = unpack;
    this.#store = storeFolder(stateDir);
    this.#fallback = fallback;
  }

  /** Lets the threads load while other work is done. Called once it is known that something will be written. */
  warmUp(): void {
    this.#placer ??= startPlacer(this.#store);
  }

  /** Writes the scanned bytes of a pinned tarball into its folder: from the unpacked store, else unpacked here. */
  async extract(
    name: string,
    pin: PinnedTarball,
    folder: string,
    settings: FetchSettings,
    mayLink = false,
  ): Promise<void> {
    if (settings.flat['allowGitIgnore'] !== true) {
      this.warmUp();
      if (await this.#fromStore(pin, folder, modesOf(settings.flat), mayLink ? 'link' : 'reflink')) return;
    }
    await this.#fallback(name, pin, folder, settings);
  }

  async #fromStore(pin: PinnedTarball, folder: string, modes: PlaceModes, share: Share): Promise<boolean> {
    const placer = this.#placer;
    if (placer === null) return false;
    const result = await placer.place(pin.integrity, folder, modes, share);
    if (result === 'missing' || result === 'damaged') {
      return (await this.#unpack(pin)) && (await placer.place(pin.integrity, folder, modes, share)) === 'placed';
    }
    return result === 'placed';
  }

  /** Ends the threads, and says (with npm's `--loglevel verbose`) how the packages came. */
  async close(): Promise<void> {
    if (this.#placer === null) return;
    const { placed, missing, damaged, failed } = this.#placer.counts;
    procLog.log.verbose(
      'store',
      `${placed} packages from the store; unpacked anew: ${missing} absent, ${damaged} damaged, ${failed} failed`,
    );
    await this.#placer.close();
    this.#placer = null;
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
