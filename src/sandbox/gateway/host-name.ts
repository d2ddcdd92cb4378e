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

/** True where `host` (normal form) is what the pattern grants: the same name, or for `*.name` any name below it. */
export function hostMatches(pattern: string, host: string): boolean {
  if (isIP(host) !== 0) return false;
  const wildcard = pattern.startsWith('*.');
  const name = normalHost(wildcard ? pattern.slice(2) : pattern);
  if (name === null) return false;
  return wildcard ? host.endsWith(`.${name}`) : host === name;
}
