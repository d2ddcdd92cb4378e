import { win32 } from 'node:path';

/** A path of an archive entry as npm would write it, or why it would not. */
export type EntryPath = { path: string } | { problem: 'traversal' | 'length' | 'empty'; path: string };

/**
 * Normalises a tar path as npm's extraction does (`strip: 1`), in its order: the first part goes, whatever it is (`./package/x`
 * is written to `package/x`), then roots and drive letters, as often as there are any (`package/C:/x` is written to `x`), then
 * `.` and empty parts. `usual` is false where that took more than dropping the first folder and `.` parts.
 */
export function normaliseEntryPath(
  raw: string,
  maxLength: number,
  strip = 1,
): EntryPath & { absolute: boolean; usual: boolean } {
  if (raw.length > maxLength) {
    return { problem: 'length', path: `${raw.slice(0, 80)}…`, absolute: false, usual: false };
  }
  const first = raw.split('/');
  const rest = first.slice(strip).join('/');
  const relative = withoutRoots(rest);
  const absolute = relative !== rest || withoutRoots(raw) !== raw;
  const usual = !absolute && !raw.includes('\\') && !['', '.', '..'].includes(first[0] ?? '');
  const parts = relative.replaceAll('\\', '/').split('/');
  if (parts.includes('..') || raw.includes('\0')) {
    return { problem: 'traversal', path: raw, absolute, usual: false };
  }
  const path = parts.filter((part) => part !== '' && part !== '.').join('/');
  return path === '' ? { problem: 'empty', path: raw, absolute, usual } : { path, absolute, usual };
}

function withoutRoots(path: string): string {
  let rest = path;
  for (let { root } = win32.parse(rest); root !== ''; { root } = win32.parse(rest)) {
    rest = rest.slice(rest.startsWith('/') && !rest.startsWith('//?/') ? 1 : root.length);
  }
  return rest;
}
