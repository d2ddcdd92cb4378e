import { constants, createGunzip, gunzipSync } from 'node:zlib';

/** Memory that tarballs are inflated into one after the other: what one call returned is gone with the next. */
export class InflateMemory {
  #room = Buffer.allocUnsafeSlow(LEAST_ROOM);

  /**
   * Inflates a gzip stream of one or more members whole.
   *
   * Fresh memory for each costs a third more, for the kernel clears every page of it. Node has no call for it: this is the one that
   * `gunzipSync` makes itself, as minizlib does; where it is not there, `gunzipSync` does the work.
   *
   * @throws RangeError `ERR_BUFFER_TOO_LARGE` above `cap` bytes; zlib's own errors
   */
  inflate(bytes: Uint8Array, cap: number, piece: number): Uint8Array {
    return this.#inflate(bytes, cap, piece) ?? gunzipSync(bytes, { maxOutputLength: cap, chunkSize: piece });
  }

  #inflate(bytes: Uint8Array, cap: number, piece: number): Uint8Array | null {
    if (piece > MOST_ROOM) return null;
    if (piece > this.#room.length) this.#room = Buffer.allocUnsafeSlow(piece);
    const stream = createGunzip() as unknown as Insides;
    const { _handle: handle, _writeState: state } = stream;
    if (typeof handle?.writeSync !== 'function' || !(state instanceof Uint32Array)) return null;
    let failed = false;
    handle.onerror = () => {
      failed = true;
    };
    try {
      const room = Math.min(this.#room.length, cap);
      handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.byteLength, this.#room, 0, room);
      const [left = 0, unread = 0] = state;
      // Whatever is not usual (cut short, damaged, more than it said, something after it) is left to `gunzipSync`, which says what it is.
      return failed || left === 0 || unread > 0 ? null : this.#room.subarray(0, room - left);
    } finally {
      handle.close();
    }
  }
}

interface Insides {
  _handle?: {
    writeSync(
      flush: number,
      from: Uint8Array,
      at: number,
      length: number,
      to: Uint8Array,
      toAt: number,
      room: number,
    ): void;
    close(): void;
    onerror: () => void;
  };
  _writeState?: Uint32Array;
}

const LEAST_ROOM = 1024 * 1024;
const MOST_ROOM = 32 * 1024 * 1024;
