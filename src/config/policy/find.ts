import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Policy } from './schema.js';
import { BASE } from './templates.js';

/** Where a policy may come from, and the day that exceptions are measured against. */
export interface PolicySources {
  /** The project's root, or null where there is no project (`-g`). */
  projectRoot: string | null;
  /** File named by --policy: taken instead of the project's. Relative to cwd. */
  file?: string | undefined;
  cwd: string;
  env: Record<string, string | undefined>;
  /** Now; exceptions that ended before this day (UTC) make the policy invalid. */
  today: Date;
}

const NAMES = ['safe-install.yaml', 'safe-install.yml', 'safe-install.json'];
const USER_NAMES = ['policy.yaml', 'policy.yml', 'policy.json'];

/**
 * Loads and merges the policy: template, user-level file, then the project's file (or the one of --policy). Parser and schema
 * are loaded only where there is a file.
 * @throws PolicyError (exit 14) naming file, path in it and what is allowed; also for an expired exception
 */
export async function loadPolicy(sources: PolicySources): Promise<Policy> {
  const { projectRoot, file, env } = sources;
  const inProject = projectRoot === null ? [] : projectPolicyFiles(projectRoot);
  if (file === undefined && inProject.length === 0 && userPolicyFiles(env).length === 0)
    return { ...BASE, sources: [] };
  const { readPolicy } = await import('./load.js');
  return readPolicy(sources);
}

/** Policy files of the user that are there. */
export function userPolicyFiles(env: Record<string, string | undefined>): string[] {
  const config = env['XDG_CONFIG_HOME'];
  const base = config !== undefined && isAbsolute(config) ? config : join(env['HOME'] || homedir(), '.config');
  return USER_NAMES.map((name) => join(base, 'safe-install', name)).filter((path) => existsSync(path));
}

/** Policies of a project that are there: files, and `<package.json>#safe-install`. */
export function projectPolicyFiles(projectRoot: string): string[] {
  const found = NAMES.map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
  const inManifest = `${join(projectRoot, 'package.json')}#safe-install`;
  return manifestPolicyValue(inManifest) === undefined ? found : [...found, inManifest];
}

/** The value at `<package.json>#safe-install`; undefined where there is none. */
export function manifestPolicyValue(where: string): unknown {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(where.replace(/#.*$/, ''), 'utf8').replace(/^\ufeff/, ''));
  } catch {
    // a missing or broken package.json is reported by the command, in npm's words
    return undefined;
  }
  if (typeof manifest !== 'object' || manifest === null || !Object.hasOwn(manifest, 'safe-install')) return undefined;
  return (manifest as { 'safe-install': unknown })['safe-install'];
}
