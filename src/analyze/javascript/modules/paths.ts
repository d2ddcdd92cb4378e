import { posix } from 'node:path';
import { HOLE } from '../interpreter/value.js';

/** Folder in which the package stands in the analyzer's world; nothing of it exists on any disk. */
export const PROJECT = '/project';

/** The virtual folder of a package. */
export function packageRoot(name: string): string {
  return `${PROJECT}/node_modules/${name}`;
}

const ABSOLUTE = /^(?:[/~$\uFFFC]|[A-Za-z]:[\\/])/;

/** True for paths that begin at a root, a symbol (`~`, `$TMP`) or an unknown part. */
export function isAbsolute(path: string): boolean {
  return ABSOLUTE.test(path);
}

/** `path.join` over known texts, symbols and holes. */
export function joinPaths(parts: readonly string[]): string {
  const whole = parts.filter((part) => part !== '').join('/');
  if (whole === '') return '.';
  const joined = normalize(whole);
  // `./` before something that is not known says that it is no path from a root.
  return joined.startsWith(HOLE) && whole.startsWith('./') ? `./${joined}` : joined;
}

/** `path.resolve` over known texts, symbols and holes. */
export function resolvePaths(parts: readonly string[], cwd: string): string {
  let out = '';
  for (const part of [cwd, ...parts]) {
    if (part === '') continue;
    out = isAbsolute(part) ? part : `${out}/${part}`;
  }
  return normalize(out).replace(/(.)\/$/, '$1');
}

/** `path.relative` over whole paths; what begins at another root stays whole, and is the same file for whoever resolves it. */
export function relativePath(from: string, to: string): string {
  if (from.includes(HOLE)) return HOLE;
  if (to.startsWith(`${from}/`)) return to.slice(from.length + 1);
  return from[0] === '/' && to[0] === '/' ? posix.relative(from, to) : to;
}

/** Removes `.`, `..` and doubled slashes; backslashes become slashes. */
export function normalize(path: string): string {
  const clean = path.replaceAll('\\', '/');
  return posix.normalize(clean);
}

/** A path as rules see it: own files as `./x`, the project as `$PROJECT`, symbols as they are. */
export function shownPath(path: string, root: string): string {
  let clean = path.replaceAll('\\', '/').replace(/^file:\/\//, '');
  clean = clean.includes(`..`) || clean.includes('//') ? normalize(clean) : clean;
  if (clean === root) return '.';
  if (clean.startsWith(`${root}/`)) return `./${clean.slice(root.length + 1)}`;
  if (clean === PROJECT) return '$PROJECT';
  if (clean.startsWith(`${PROJECT}/`)) return `$PROJECT/${clean.slice(PROJECT.length + 1)}`;
  return clean;
}

/** The path inside the package that a virtual path is, or null. */
export function ownPath(path: string, root: string): string | null {
  if (path.includes(HOLE)) return null;
  const clean = normalize(path.replace(/^file:\/\//, ''));
  return clean.startsWith(`${root}/`) ? clean.slice(root.length + 1).replace(/\/$/, '') : null;
}
