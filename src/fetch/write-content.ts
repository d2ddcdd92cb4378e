import cacache from 'cacache';
import contentPath from 'cacache/lib/content/path.js';
import ssri from 'ssri';
import { findContent, type PinnedTarball } from './content.js';

/** Puts bytes into npm's cache (unless they are there) and pins them. */
export async function pinBytes(cache: string, key: string, bytes: Buffer): Promise<PinnedTarball> {
  const integrity = ssri.fromData(bytes, { algorithms: ['sha512'] }).toString();
  const known = await findContent(cache, integrity);
  if (known !== null) {
    return known;
  }
  await cacache.put(cache, `safe-install:tarball:${key}`, bytes, { algorithms: ['sha512'], integrity });
  return { integrity, file: contentPath(cache, integrity), bytes: bytes.length };
}

/** Removes content that turned out to be damaged, so that it is fetched again. */
export async function dropContent(cache: string, pin: PinnedTarball): Promise<void> {
  await cacache.rm.content(cache, pin.integrity);
}
