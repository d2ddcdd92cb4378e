import semver from 'semver';

/** What a path of a registry asks for. */
export type RegistryResource = 'packument' | 'manifest' | 'tarball' | 'service';

const NAME = '(?:@[a-z0-9~][a-z0-9~._-]*(?:/|%2f))?[a-z0-9~_][a-z0-9~._-]*';
const PACKUMENT = new RegExp(`^${NAME}$`, 'i');
const MANIFEST = new RegExp(`^(${NAME})/([a-z0-9][a-z0-9.+-]{0,63})$`, 'i');
const TARBALL = new RegExp(String.raw`^(${NAME})/-/(?:@[a-z0-9~._-]+(?:/|%2f))?([a-z0-9~_][a-z0-9~._-]*)\.tgz$`, 'i');
const DOWNLOAD = new RegExp(`^download/(${NAME})/([^/]+)/[0-9a-f]{40,128}$`, 'i');

/** Fixed addresses of a registry that tell a client nothing but facts, and that carry no data out. */
const SERVICES = new Set(['-/ping', '-/ping?write=true', '-/npm/v1/keys']);

/**
 * Says what a path (below the registry's base path, still percent-encoded) asks for, or null for anything that is not
 * shaped like package metadata or a tarball: searches, user pages, queries, dot segments, other encodings.
 */
export function registryResource(path: string): RegistryResource | null {
  if (SERVICES.has(path)) return 'service';
  if (path.length > 512 || path.startsWith('-')) return null;
  const tarball = TARBALL.exec(path);
  if (tarball) return isTarballOf(tarball[1]!, tarball[2]!) ? 'tarball' : null;
  const download = DOWNLOAD.exec(path);
  if (download) return isName(download[1]!) && semver.valid(download[2]!) !== null ? 'tarball' : null;
  if (PACKUMENT.test(path) && isName(path)) return 'packument';
  const manifest = MANIFEST.exec(path);
  if (manifest && isName(manifest[1]!)) return 'manifest';
  return null;
}

function isName(name: string): boolean {
  return name.length <= 214 && !name.split(/\/|%2f/i).some((part) => part.replace('@', '').startsWith('.'));
}

function isTarballOf(name: string, file: string): boolean {
  const bare = name.split(/\/|%2f/i).at(-1)!;
  return isName(name) && file.startsWith(`${bare}-`) && semver.valid(file.slice(bare.length + 1)) !== null;
}
