/** A path of an archive entry as npm would write it, or why it would not. */
export type EntryPath = { path: string } | { problem: 'traversal' | 'length' | 'empty'; path: string };

/** Normalises a tar path as npm's extraction does: backslashes as they are, `.` and empty parts dropped, first folder stripped. */
export function normaliseEntryPath(raw: string, maxLength: number, strip = 1): EntryPath & { absolute: boolean } {
  const absolute = /^(?:[a-z]:)?[\\/]/i.test(raw);
  if (raw.length > maxLength) return { problem: 'length', path: `${raw.slice(0, 80)}…`, absolute };
  const parts = raw
    .replace(/^[a-z]:/i, '')
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return { problem: 'traversal', path: raw, absolute };
  if (parts.some((part) => part.includes('\0'))) return { problem: 'traversal', path: raw, absolute };
  const path = parts.slice(strip).join('/');
  return path === '' ? { problem: 'empty', path: raw, absolute } : { path, absolute };
}
