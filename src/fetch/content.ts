import { statSync } from 'node:fs';
import contentPath from 'cacache/lib/content/path.js';
import ssri from 'ssri';

/** A tarball in npm's cache, pinned by the hash of its bytes: what is scanned, and the only thing that may be extracted. */
export interface PinnedTarball {
  /** `sha512-…` of the bytes, whatever the lock file knew. */
  integrity: string;
  /** Absolute path of the content in npm's cache. */
  file: string;
  bytes: number;
}

/** The pinned tarball of an integrity, where npm's cache has it; null for hashes weaker than SHA-512. */
export async function findContent(cache: string, integrity: string | null): Promise<PinnedTarball | null> {
  if (!integrity) {
    return null;
  }
  const strong = ssri.parse(integrity)['sha512']?.[0]?.toString();
  if (strong === undefined) {
    return null;
  }
  const file = contentPath(cache, strong);
  // Not by a thread: that takes many times as long, for as many packages as there are.
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? null : { integrity: strong, file, bytes: found.size };
}
