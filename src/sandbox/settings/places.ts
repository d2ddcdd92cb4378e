import { readFileSync } from 'node:fs';
import type { Place } from '../sandbox.js';

/** The four lists of settings, as absolute real paths. */
export interface PathLists {
  denyRead: string[];
  allowRead: string[];
  allowWrite: string[];
  denyWrite: string[];
}

/**
 * What may be done at a path under the lists. Reading: the longest rule wins (what may be written may be read), `allowRead` where it
 * equals `denyRead`; where none speaks, `readByDefault`. Writing: under an `allowWrite` and under no `denyWrite`, however long.
 */
export function accessAt(path: string, lists: PathLists, readByDefault: boolean): Place['access'] {
  const longest = (rules: string[]) => Math.max(-1, ...rules.filter((r) => covers(r, path)).map((r) => r.length));
  const writable = lists.allowWrite.some((rule) => covers(rule, path));
  const denied = longest(lists.denyRead);
  const reopened = longest(lists.allowRead) >= denied || longest(lists.allowWrite) > denied;
  const named = longest([...lists.allowRead, ...lists.allowWrite]) >= 0;
  const readable = denied >= 0 ? reopened : named || readByDefault;
  if (!readable) return 'hidden';
  return writable && !lists.denyWrite.some((rule) => covers(rule, path)) ? 'write' : 'read';
}

/** The lists as ordered exceptions, outermost first, without those that repeat what holds around them. */
export function placesOf(lists: PathLists, readByDefault: boolean): Place[] {
  const paths = [...new Set(Object.values(lists).flat() as string[])].sort(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );
  const places: Place[] = [];
  for (const path of paths) {
    const access = accessAt(path, lists, readByDefault);
    const around = places.findLast((place) => covers(place.path, path))?.access ?? (readByDefault ? 'read' : 'hidden');
    if (access !== around) places.push({ path, access });
  }
  return places;
}

/** True where `path` is the rule's path or lies under it. */
export function covers(rule: string, path: string): boolean {
  return rule === '/' || path === rule || path.startsWith(`${rule}/`);
}

/** Paths of the Unix sockets that programs of this machine listen on (Linux; elsewhere none). */
export function listeningSockets(): string[] {
  try {
    const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
    return [...new Set(lines.map((line) => line.split(' ').at(-1) ?? '').filter((path) => path.startsWith('/')))];
  } catch {
    return [];
  }
}
