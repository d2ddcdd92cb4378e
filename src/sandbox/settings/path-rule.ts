import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { SettingsError } from './load.js';
import type { SettingsPath } from './schema.js';

/** Where relative paths and `~` start, and where the files are looked at. */
export interface PathBase {
  /** Absolute folder that relative paths are under: the project, or the working directory. */
  cwd: string;
  /** Absolute home folder of the user. */
  home: string;
}

/** Entries that a glob may be compared with; a `**` below a huge folder must not hang the command. */
const MAX_ENTRIES = 200_000;

/**
 * Resolves one path rule to absolute, real paths: a plain path to itself (whether it exists or not), a glob to everything it
 * matches now. A glob that matches nothing resolves to nothing.
 *
 * @throws SettingsError where a glob would have to look at too many files.
 */
export function resolvePathRule(rule: SettingsPath, base: PathBase): string[] {
  const text = typeof rule === 'string' ? rule : rule.path;
  const absolute = absolutePath(text, base);
  if (typeof rule !== 'string' || !picomatch.scan(absolute).isGlob) return [realPath(absolute)];
  const { base: start, glob } = picomatch.scan(absolute);
  const matches = picomatch(glob, { dot: true, nonegate: true });
  const recursive = glob.includes('**');
  const depth = recursive ? Number.POSITIVE_INFINITY : glob.split('/').length;
  const root = realPath(start === '' ? '/' : start);
  const found: string[] = [];
  let seen = 0;
  const walk = (folder: string, prefix: string, level: number) => {
    for (const entry of entriesOf(folder)) {
      if (++seen > MAX_ENTRIES) {
        throw new SettingsError(`The pattern ${text} would have to look at more than ${MAX_ENTRIES} files.`, text, [
          'Name a folder nearer to what is meant.',
        ]);
      }
      const path = `${prefix}${entry.name}`;
      const full = join(folder, entry.name);
      if (matches(path)) found.push(realPath(full));
      else if (entry.isDirectory() && level < depth) walk(full, `${path}/`, level + 1);
    }
  };
  walk(root, '', 1);
  return found;
}

/** Makes a path of settings absolute: `~` is the home folder, anything else not absolute is under the base. */
export function absolutePath(text: string, base: PathBase): string {
  const trimmed = text.length > 1 ? text.replace(/\/+$/, '') : text;
  if (trimmed === '~') return base.home;
  if (trimmed.startsWith('~/')) return join(base.home, trimmed.slice(2));
  return isAbsolute(trimmed) ? resolve(trimmed) : resolve(base.cwd, trimmed);
}

/** The real path of something that may not exist yet: symlinks of its existing ancestors are followed. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
