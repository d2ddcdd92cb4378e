import { isAbsolute, join } from 'node:path';
import type { Grant } from '../sandbox.js';
import type { Profile } from './schema.js';

/** Where a profile's `~` and relative folders are. */
export interface ProfileBase {
  /** The user's home folder, absolute. */
  home: string;
  /** The project's root, absolute. */
  projectRoot: string;
}

/** Adds to a grant what a profile gives. Nothing is created or checked here. */
export function applyProfile(grant: Grant, profile: Profile, base: ProfileBase): Grant {
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  const set = Object.entries(profile.set).map(([name, value]) => [name, expand(value, base.home)]);
  return {
    ...grant,
    hosts: union(grant.hosts, profile.hosts),
    writable: union(
      grant.writable,
      profile.writes.map((folder) => folderOf(folder, base)),
    ),
    env: union(grant.env, profile.env),
    setEnv: { ...grant.setEnv, ...Object.fromEntries(set) },
  };
}

function folderOf(folder: string, { home, projectRoot }: ProfileBase): string {
  const expanded = expand(folder, home);
  return isAbsolute(expanded) ? expanded : join(projectRoot, expanded);
}

function expand(text: string, home: string): string {
  return text === '~' || text.startsWith('~/') ? join(home, text.slice(1)) : text;
}
