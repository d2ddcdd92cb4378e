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
/** Where what the hash covers begins. */
export const LENGTH_AT = HASH_AT + 32;
/** Where the index begins. */
export const INDEX_AT = LENGTH_AT + 4;

/** What stands in front of a pack's contents. */
export interface PackIndex {
  integrity: string;
  folders: string[];
  /** Path, mode, size. */
  files: [path: string, mode: number, size: number][];
}

/** Encodes a pack; the parts are to be written one after the other. */
export function encodePack(pack: Pack): Uint8Array[] {
  const index: PackIndex = {
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
  if (bytes.length < INDEX_AT || !isPack(bytes)) throw new DamagedPackError('no pack');
  checkHash(createHash('sha256').update(bytes.subarray(LENGTH_AT)).digest(), bytes);
  const contentsAt = contentsAtOf(bytes);
  const index = parseIndex(bytes.toString('utf8', INDEX_AT, contentsAt), integrity);
  let at = contentsAt;
  const files = index.files.map(([path, mode, size]) => {
    const content = bytes.subarray(at, at + size);
    at += size;
    return { path, mode, content };
  });
  if (at !== bytes.length) throw new DamagedPackError('its index does not fit its contents');
  return { integrity, folders: index.folders, files };
}

/** Whether the head of a file is that of a pack. */
export function isPack(head: Buffer): boolean {
  return head.subarray(0, HASH_AT).equals(MAGIC);
}

/** @throws DamagedPackError where the hash of all that follows it is not the one in the head */
export function checkHash(hash: Buffer, head: Buffer): void {
  if (!hash.equals(head.subarray(HASH_AT, LENGTH_AT))) throw new DamagedPackError('its bytes do not match their hash');
}

/** Where a pack's contents begin. */
export function contentsAtOf(head: Buffer): number {
  return INDEX_AT + head.readUInt32LE(LENGTH_AT);
}

/** Reads an index that the hash was found to cover: it is what `encodePack` wrote, and its shape needs no further check. */
export function parseIndex(text: string, integrity: string): PackIndex {
  const index = JSON.parse(text) as PackIndex;
  if (index.integrity !== integrity) throw new DamagedPackError(`it holds ${index.integrity}`);
  return index;
}
