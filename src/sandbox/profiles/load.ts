import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import semver from 'semver';
import { EXIT, SafeInstallError } from '../../errors.js';
import { parseYaml } from '../../yaml-text.js';
import { type Profile, profileSchema } from './schema.js';

/** Folder of the profiles that come with safe-install. */
export const PROFILES_FOLDER = fileURLToPath(new URL('../../../rules/profiles/', import.meta.url));

/** A profile file that cannot be used, or a profile that does not exist. */
export class ProfileError extends SafeInstallError {
  constructor(message: string, where: string, next: string[], cause?: unknown) {
    super(message, { code: 'EPROFILE', exitCode: EXIT.config, where, next, cause });
  }
}

let bundled: Profile[] | null = null;

/**
 * Loads all profiles of a folder, by default those that come with safe-install (kept after the first call).
 *
 * @throws ProfileError naming the file and what is wrong in it.
 */
export function loadProfiles(folder = PROFILES_FOLDER): Profile[] {
  if (folder === PROFILES_FOLDER && bundled !== null) return bundled;
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const profiles = files.sort().map((file) => readProfile(join(folder, file)));
  if (folder === PROFILES_FOLDER) bundled = profiles;
  return profiles;
}

/** The profile for a package, whether or not anybody granted it; null where there is none. */
export function profileFor(name: string, version: string, profiles = loadProfiles()): Profile | null {
  const fits = ({ packages, versions }: Profile) =>
    packages.includes(name) && (versions === undefined || semver.satisfies(version, versions));
  return profiles.find(fits) ?? null;
}

/**
 * The profiles that a policy grants by name. A profile can be named by its own name or by one of its packages.
 *
 * @throws ProfileError for a name that is neither, with the nearest ones.
 */
export function profilesNamed(names: readonly string[], profiles = loadProfiles()): Profile[] {
  return names.map((name) => {
    const found = profiles.find((p) => p.name === name) ?? profiles.find((p) => p.packages.includes(name));
    if (found) return found;
    const known = profiles.map((profile) => profile.name).join(', ');
    throw new ProfileError(`There is no profile "${name}".`, 'sandbox.profiles', [`Profiles: ${known}.`]);
  });
}

function readProfile(file: string): Profile {
  let value: unknown;
  try {
    value = parseYaml(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ProfileError(`A profile cannot be read: ${(cause as Error).message}`, file, ['Correct the file.'], cause);
  }
  const parsed = profileSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(top level)'}: ${message}`);
    throw new ProfileError(`A profile is not understood.\n${issues.join('\n')}`, file, ['Correct the file.']);
  }
  if (`${parsed.data.name}.yaml` !== basename(file)) {
    throw new ProfileError(`A profile is called "${parsed.data.name}", its file is not.`, file, [
      `Rename the file to ${parsed.data.name}.yaml.`,
    ]);
  }
  return parsed.data;
}
