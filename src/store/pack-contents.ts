import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import {
  checkHash,
  contentsAtOf,
  DamagedPackError,
  INDEX_AT,
  isPack,
  LENGTH_AT,
  type Pack,
  parseIndex,
} from './pack-format.js';

/** One file of a package that is to be written; its number is its place in the pack. */
export interface ContentFile {
  number: number;
  path: string;
  mode: number;
  size: number;
}

/** A package's files, wherever their bytes are. */
export interface PackContents {
  folders: readonly string[];
  files: readonly ContentFile[];
  /** The bytes of a file, in memory of their own. */
  read(file: ContentFile): Uint8Array;
  /** Writes the bytes of a file into an open one. */
  write(file: ContentFile, handle: number): void;
}

/** The contents of a pack that is in memory. */
export function contentsOf({ folders, files }: Pack): PackContents {
  const contentAt = ({ number }: ContentFile): Uint8Array => files[number]?.content ?? new Uint8Array();
  return {
    folders,
    files: files.map(({ path, mode, content }, number) => ({ number, path, mode, size: content.byteLength })),
    read: contentAt,
    write: (file, handle) => writeAll(handle, contentAt(file), 0, file.size),
  };
}

/**
 * One buffer for all packs that a thread reads. What is read into fresh memory costs more than twice as much: the kernel clears each
 * page of it, and none of it is in the processor's cache when it is written.
 */
const BUFFER_BYTES = 256 * 1024;
let shared: Buffer | null = null;

/**
 * Opens a stored pack, hashes every byte of it, and hands out its contents while `use` runs.
 *
 * @throws DamagedPackError when the pack is not what was stored; ENOENT where there is none
 */
export function withStoredPack<Result>(
  file: string,
  integrity: string,
  use: (contents: PackContents) => Result,
): Result {
  const handle = openSync(file, 'r');
  try {
    return use(new StoredContents(handle, integrity));
  } finally {
    closeSync(handle);
  }
}

class StoredContents implements PackContents {
  readonly folders: readonly string[];
  readonly files: readonly ContentFile[];
  readonly #handle: number;
  readonly #starts: number[] = [];
  readonly #bytes: number;
  readonly #buffer: Buffer;
  #from = 0;
  #to = 0;

  constructor(handle: number, integrity: string) {
    shared ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.#buffer = shared;
    this.#handle = handle;
    this.#bytes = fstatSync(handle).size;
    const head = this.#verify();
    const contentsAt = contentsAtOf(head);
    const index = parseIndex(this.#range(INDEX_AT, contentsAt).toString('utf8'), integrity);
    this.folders = index.folders;
    let at = contentsAt;
    this.files = index.files.map(([path, mode, size], number) => {
      this.#starts.push(at);
      at += size;
      return { number, path, mode, size };
    });
    if (at !== this.#bytes) throw new DamagedPackError('its index does not fit its contents');
  }

  read({ number, size }: ContentFile): Uint8Array {
    const start = this.#starts[number] ?? 0;
    const content = Buffer.allocUnsafeSlow(size);
    this.#fill(content, start, size);
    return content;
  }

  write({ number, size }: ContentFile, handle: number): void {
    const start = this.#starts[number] ?? 0;
    for (let done = 0; done < size; ) {
      const part = Math.min(size - done, this.#buffer.length);
      const at = this.#window(start + done, part);
      writeAll(handle, this.#buffer, at, part);
      done += part;
    }
  }

  // The first pass over the file; what fits into the buffer stays there for the second.
  #verify(): Buffer {
    if (this.#bytes < INDEX_AT) throw new DamagedPackError('no pack');
    const hash = createHash('sha256');
    const head = Buffer.alloc(INDEX_AT);
    for (let at = 0; at < this.#bytes; at = this.#to) {
      this.#load(at);
      const loaded = this.#buffer.subarray(0, this.#to - at);
      if (at === 0) loaded.copy(head, 0, 0, INDEX_AT);
      if (at === 0 && !isPack(head)) throw new DamagedPackError('no pack');
      hash.update(at === 0 ? loaded.subarray(LENGTH_AT) : loaded);
    }
    checkHash(hash.digest(), head);
    return head;
  }

  #range(start: number, end: number): Buffer {
    const length = end - start;
    if (end > this.#bytes) throw new DamagedPackError('its index does not fit its contents');
    if (length > this.#buffer.length) {
      const own = Buffer.allocUnsafeSlow(length);
      this.#fill(own, start, length);
      return own;
    }
    const at = this.#window(start, length);
    return this.#buffer.subarray(at, at + length);
  }

  /** Brings a part of the file, no longer than the buffer, into it. Returns where it stands there. */
  #window(start: number, length: number): number {
    if (start < this.#from || start + length > this.#to) this.#load(start);
    return start - this.#from;
  }

  #load(start: number): void {
    const length = Math.min(this.#buffer.length, this.#bytes - start);
    this.#from = start;
    this.#to = start + length;
    this.#fill(this.#buffer, start, length);
  }

  #fill(buffer: Buffer, start: number, length: number): void {
    for (let done = 0; done < length; ) {
      const read = readSync(this.#handle, buffer, done, length - done, start + done);
      if (read === 0) throw new DamagedPackError('it is cut short');
      done += read;
    }
  }
}

function writeAll(handle: number, bytes: Uint8Array, at: number, length: number): void {
  for (let done = 0; done < length; ) done += writeSync(handle, bytes, at + done, length - done);
}
