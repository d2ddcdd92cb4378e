import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SandboxEvent, ScriptRun } from '../model.js';
import type { Grant } from '../sandbox/sandbox.js';
import { grantFor, widen } from './grants.js';
import type { InstallPolicy, RecordedApproval } from './options.js';

/** Whose scripts a grant is for, and what says so. */
export interface GrantRequest {
  name: string;
  version: string;
  policy: InstallPolicy;
  approval: RecordedApproval | null;
  /** Absolute root of the install. */
  projectRoot: string;
}

/**
 * What one package's scripts may do: the default, then the package's profile where policy grants it, the policy's settings
 * file, the policy's grants, and last the approval's grant.
 * @throws ProfileError, SettingsError (exit 14) where policy names something that cannot be used
 */
export async function scriptGrant({ name, version, policy, approval, projectRoot }: GrantRequest): Promise<Grant> {
  const { defaultGrant } = await import('../sandbox/index.js');
  const { profiles = [], settings = null } = policy.sandbox;
  const home = homedir();
  let base = defaultGrant();
  if (profiles.length > 0) {
    const { applyProfile, profileFor, profilesNamed } = await import('../sandbox/profiles/index.js');
    const profile = profileFor(name, version, profilesNamed(profiles));
    if (profile !== null) base = applyProfile(base, profile, { home, projectRoot });
  }
  if (settings !== null) {
    const { loadSettings, settingsToGrant } = await import('../sandbox/settings/index.js');
    const context = {
      cwd: projectRoot,
      home,
      limits: base.limits,
      base: 'script',
      command: name,
      toolchain: [],
    } as const;
    const { limits: _, ...more } = settingsToGrant(loadSettings(settings), context);
    base = widen(base, more);
  }
  const ignored = [...(policy.ignoreViolations?.['*'] ?? []), ...(policy.ignoreViolations?.[name] ?? [])];
  const ignoreViolations = ignored.map((path) => absolute(path, home, projectRoot));
  const grant = grantFor(name, version, widen(base, { ignoreViolations }), policy, approval);
  const given = (path: string) => absolute(path, home, projectRoot);
  return { ...grant, writable: grant.writable.map(given), readable: grant.readable.map(given) };
}

/** What to tell a person whose script wanted more than it got: the profile that would give it, and how to grant it. */
export async function grantAdvice(
  run: ScriptRun,
  events: readonly SandboxEvent[],
  policy: InstallPolicy,
): Promise<string | null> {
  if (run.exitCode === 0 && events.length === 0) return null;
  const { profileAdvice, profilesNamed } = await import('../sandbox/profiles/index.js');
  return profileAdvice(run, events, profilesNamed(policy.sandbox.profiles ?? []));
}

/** Refuses a policy that names a profile or a settings file which cannot be used, before anything is written. */
export async function checkGrants({ sandbox: { profiles = [], settings = null } }: InstallPolicy): Promise<void> {
  if (profiles.length > 0) (await import('../sandbox/profiles/index.js')).profilesNamed(profiles);
  if (settings !== null) (await import('../sandbox/settings/index.js')).loadSettings(settings);
}

function absolute(path: string, home: string, projectRoot: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : resolve(projectRoot, path);
}
