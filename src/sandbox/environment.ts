import { NEVER, NPM_CONFIG_REFUSED, PASSED, SECRET_NAME, SECRET_VALUE } from './environment-names.js';

/** Builds one case-sensitive test out of patterns in which `*` stands for any characters. */
function anyOf(patterns: readonly (readonly [string, string])[]): RegExp {
  const parts = patterns.map(([pattern]) => pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  return new RegExp(`^(?:${parts.join('|')})$`);
}

const passed = anyOf(PASSED);
const never = anyOf(NEVER);
const refusedConfig = new Set(NPM_CONFIG_REFUSED);

function isRefusedConfig(name: string): boolean {
  if (!name.startsWith('npm_config_')) return false;
  return refusedConfig.has(name.slice('npm_config_'.length).toLowerCase().replaceAll('-', '_'));
}

/**
 * Chooses what of the installer's environment a script may see: an allow-list, less secrets by name or value, less
 * names that load code. Names in `granted` pass unless they load code.
 *
 * @param env the environment npm would give the script.
 * @param granted names from the grant.
 */
export function filterEnvironment(
  env: Readonly<Record<string, string>>,
  granted: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_./@:-]*$/.test(name) || value.includes('\0')) continue;
    if (never.test(name)) continue;
    if (granted.includes(name)) {
      kept[name] = value;
      continue;
    }
    if (!passed.test(name) || isRefusedConfig(name)) continue;
    // The manifest is public: a field of it that is called "keywords" or "author" is no secret.
    if (!name.startsWith('npm_package_') && SECRET_NAME.test(name)) continue;
    if (SECRET_VALUE.test(value)) continue;
    kept[name] = value;
  }
  return kept;
}

/** Keeps the folders of a PATH-like list that exist inside the sandbox. */
export function keepFolders(list: string, exists: (folder: string) => boolean): string {
  return [...new Set(list.split(':'))].filter((folder) => folder.startsWith('/') && exists(folder)).join(':');
}
