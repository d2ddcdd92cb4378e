import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import ssri from 'ssri';
import { Parser, type ReadEntry } from 'tar';
import { EXIT, SafeInstallError } from '../../errors.js';
import { DEFAULT_READ_LIMITS, type PackageFiles, type ReadLimits } from '../package-files.js';
import { FileCollector } from './collect.js';
import { normaliseEntryPath } from './entry-path.js';
import type { InflateMemory } from './inflate.js';

/** The bytes of a tarball are not those that its integrity promises. */
export class IntegrityMismatchError extends SafeInstallError {
  constructor(expected: string, actual: string, where: string) {
    super(`the tarball's bytes do not match their integrity: expected ${expected}, got ${actual}`, {
      code: 'EINTEGRITY',
      exitCode: EXIT.npm,
      where,
      next: [
        'Fetch it again after `npm cache verify`.',
        'If it stays so, the lock file and the registry disagree: do not install it before you know why.',
      ],
    });
  }
}

/**
 * Reads a `.tgz` in memory, nothing is written. Uses npm's own tar parser, so that what is read here is what npm would extract.
 *
 * @param bytes the packed tarball
 * @param options `integrity`: an SRI string that the bytes must satisfy; `where`: what to call the tarball in errors
 * @throws IntegrityMismatchError when the bytes are not those of `integrity`
 */
export function readTarball(
  bytes: Uint8Array,
  options: { integrity?: string | null; where?: string; limits?: Partial<ReadLimits>; memory?: InflateMemory } = {},
): PackageFiles {
  const limits = { ...DEFAULT_READ_LIMITS, ...options.limits };
  const where = options.where ?? 'tarball';
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  checkIntegrity(bytes, options.integrity ?? null, integrity, where);
  const collector = new FileCollector(limits);
  if (bytes.byteLength > limits.packedBytes) {
    collector.stop('limit.bytes', `packed size ${bytes.byteLength} is over ${limits.packedBytes} bytes`, where);
    return collector.finish(integrity);
  }
  const tar = inflate(bytes, limits, collector, where, options.memory);
  if (tar !== null) readEntries(tar, limits, collector, where);
  return collector.finish(integrity);
}

const LEAST_PIECE = 256 * 1024;
const MOST_PIECE = 64 * 1024 * 1024;

function checkIntegrity(bytes: Uint8Array, expected: string | null, own: string, where: string): void {
  if (expected === null || expected === '' || expected === own) return;
  const parsed = ssri.parse(expected);
  if (parsed === null || Object.keys(parsed).length === 0 || ssri.checkData(Buffer.from(bytes), expected) === false) {
    throw new IntegrityMismatchError(expected, own, where);
  }
}

function inflate(
  bytes: Uint8Array,
  limits: ReadLimits,
  collector: FileCollector,
  where: string,
  memory: InflateMemory | undefined,
): Uint8Array | null {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const ratioCap = Math.max(32 * 1024 * 1024, bytes.byteLength * limits.ratio);
  // Tar headers and padding come on top of the files' own bytes.
  const cap = Math.min(limits.bytes + limits.entries * 1024, ratioCap);
  try {
    const piece = Math.min(cap, pieceOf(bytes));
    return memory?.inflate(bytes, cap, piece) ?? gunzipSync(bytes, { maxOutputLength: cap, chunkSize: piece });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      collector.stop('limit.ratio', `unpacks to more than ${cap} bytes (${bytes.byteLength} packed)`, where);
    } else {
      collector.stop('archive.damaged', `cannot be unpacked (${code})`, where);
    }
    return null;
  }
}

// gzip ends with the length of what it holds (RFC 1952, ISIZE): in one piece it need not be put together. What a tarball says of itself is
// believed within what is usual, and costs no more than one piece where it is wrong.
function pieceOf(bytes: Uint8Array): number {
  const said =
    bytes.byteLength < 18
      ? 0
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(bytes.byteLength - 4);
  return Math.min(Math.max(said + 1, LEAST_PIECE), Math.max(LEAST_PIECE, Math.min(bytes.byteLength * 24, MOST_PIECE)));
}

function readEntries(tar: Uint8Array, limits: ReadLimits, collector: FileCollector, where: string): void {
  const parser = new Parser({
    strict: false,
    onReadEntry: (entry) => {
      readEntry(entry, limits, collector);
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') collector.problem('archive.malformed', `${code}: ${String(message)}`, where);
    },
  });
  try {
    parser.write(Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength));
    parser.end();
  } catch (error) {
    collector.stop(
      'archive.damaged',
      `cannot be read as tar (${error instanceof Error ? error.message : 'unknown'})`,
      where,
    );
  }
}

function readEntry(entry: ReadEntry, limits: ReadLimits, collector: FileCollector): void {
  const place = normaliseEntryPath(entry.path, limits.pathLength);
  if (!place.usual) collector.notPlain();
  if (place.absolute) collector.problem('archive.absolute', 'an absolute path in the archive', entry.path);
  if ('problem' in place) {
    if (place.problem !== 'empty')
      collector.problem(`archive.${place.problem}`, 'a path that leaves the package or is too long', place.path);
    entry.resume();
    return;
  }
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      break;
    case 'Directory':
    case 'GNUDumpDir':
      entry.resume();
      return;
    case 'SymbolicLink':
    case 'Link':
      collector.problem(
        'archive.link',
        `a ${entry.type === 'Link' ? 'hard' : 'symbolic'} link to ${String(entry.linkpath)}`,
        place.path,
      );
      entry.resume();
      return;
    default:
      collector.problem('archive.special', `an entry of type ${entry.type}`, place.path);
      entry.resume();
      return;
  }
  if (!collector.admit(entry.size ?? 0, place.path)) {
    entry.resume();
    return;
  }
  const chunks: Buffer[] = [];
  entry.on('data', (chunk: Buffer) => chunks.push(chunk));
  entry.on('end', () => {
    const content = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    collector.add(place.path, content, entry.mode ?? 0o644);
  });
}
