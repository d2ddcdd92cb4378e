import { createHash } from 'node:crypto';

/** One file of a pack, with its mode as the tarball has it. */
export interface PackFile {
  /** Path inside the package with forward slashes, as it will lie on disk. */
  path: string;
  mode: number;
  content: Uint8Array;
}

/** What a tarball unpacks to: nothing is left to decide but the installer's umask. */
export interface Pack {
  /** `sha512-…` of the tarball that the pack was made from. */
  integrity: string;
  /** Every folder that has to be there, parents before children. */
  folders: string[];
  files: PackFile[];
}

/** A pack's bytes are not what was written: damaged, cut short, or of another tarball. */
export class DamagedPackError extends Error {
  constructor(reason: string) {
    super(`the stored package is damaged: ${reason}`);
    this.name = 'DamagedPackError';
  }
}

// magic (8) · SHA-256 of all that follows (32) · length of the index (4, little-endian) · index (JSON) · contents in order
const MAGIC = Buffer.from('SI-PACK1');
const HASH_AT = MAGIC.length;
const LENGTH_AT = HASH_AT + 32;
const INDEX_AT = LENGTH_AT + 4;

interface Index {
  integrity: string;
  folders: string[];
  /** Path, mode, size. */
  files: [string, number, number][];
}

/** Encodes a pack; the parts are to be written one after the other. */
export function encodePack(pack: Pack): Uint8Array[] {
  const index: Index = {
    integrity: pack.integrity,
    folders: pack.folders,
    files: pack.files.map(({ path, mode, content }) => [path, mode, content.byteLength]),
  };
  const text = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const contents = pack.files.map(({ content }) => content);
  const hash = createHash('sha256').update(length).update(text);
  for (const content of contents) hash.update(content);
  return [MAGIC, hash.digest(), length, text, ...contents];
}

/**
 * Decodes a pack after hashing every byte of it: the check before each use. Contents are views of `bytes`.
 *
 * @throws DamagedPackError when a byte is not as it was written, or the pack is of another tarball
 */
export function decodePack(bytes: Buffer, integrity: string): Pack {
  if (bytes.length < INDEX_AT || !bytes.subarray(0, HASH_AT).equals(MAGIC)) throw new DamagedPackError('no pack');
  const hash = createHash('sha256').update(bytes.subarray(LENGTH_AT)).digest();
  if (!hash.equals(bytes.subarray(HASH_AT, LENGTH_AT))) throw new DamagedPackError('its bytes do not match their hash');
  const contentsAt = INDEX_AT + bytes.readUInt32LE(LENGTH_AT);
  // The hash covers the index, so it is what encodePack wrote: its shape needs no further check.
  const index = JSON.parse(bytes.toString('utf8', INDEX_AT, contentsAt)) as Index;
  if (index.integrity !== integrity) throw new DamagedPackError(`it holds ${index.integrity}`);
  let at = contentsAt;
  const files = index.files.map(([path, mode, size]) => {
    const content = bytes.subarray(at, at + size);
    at += size;
    return { path, mode, content };
  });
  if (at !== bytes.length) throw new DamagedPackError('its index does not fit its contents');
  return { integrity, folders: index.folders, files };
}
