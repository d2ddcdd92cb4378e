import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** Brings a host name into the one form that is compared: ASCII, lower case, no final dot, no brackets; null where it is none. */
export function normalHost(host: string): string | null {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host.replace(/\.$/, '');
  if (isIP(bare) !== 0) return bare.toLowerCase();
  if (/[\s/\\@:?#%\u0000-\u0020]/.test(bare)) return null;
  const ascii = domainToASCII(bare).toLowerCase();
  return /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(ascii) ? ascii : null;
}

/**
 * True where the pattern covers the place: the same name, or for `*.name` any name below it, or `*`. A pattern with `:port`
 * covers that port only; one without covers `defaultPort`, or any where that is null. `host` is in normal form.
 */
export function hostMatches(pattern: string, host: string, port: number, defaultPort: number | null): boolean {
  const parts = /^(.*?)(?::(\d{1,5}))?$/.exec(pattern)!;
  const wanted = parts[2] === undefined ? defaultPort : Number(parts[2]);
  if (wanted !== null && wanted !== port) return false;
  const name = parts[1]!;
  if (name === '*') return true;
  if (isIP(host) !== 0) return false;
  const wildcard = name.startsWith('*.');
  const bare = normalHost(wildcard ? name.slice(2) : name);
  return bare !== null && (wildcard ? host.endsWith(`.${bare}`) : host === bare);
}
