import { join, relative } from 'node:path';

/** Version of the store's layout; another layout lives in another folder. */
const LAYOUT = 'v1';

/** The folder of the store inside SAFE_INSTALL_HOME. */
export function storeFolder(stateDir: string): string {
  return join(stateDir, 'store', LAYOUT);
}

/** Where the files lie that packages of a tarball share, by reflink or hard link. */
export function sourcesPath(store: string, integrity: string): string {
  return sourcesOfPack(store, packPath(store, integrity));
}

/** The same by the pack's path. */
export function sourcesOfPack(store: string, pack: string): string {
  return join(`${store}-shared`, relative(store, pack));
}

/** Where the pack of a tarball lies: `<store>/<2 hex digits>/<the other 126>`. */
export function packPath(store: string, integrity: string): string {
  const hex = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
  return join(store, hex.slice(0, 2), hex.slice(2));
}
