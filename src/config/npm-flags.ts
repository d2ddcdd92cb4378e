import exported from '@npmcli/config/lib/definitions/index.js';

const { definitions, shorthands } = exported;

/** Names of all of npm's flags and shorthands, without dashes. */
export function npmFlagNames(): string[] {
  return [...Object.keys(definitions), ...Object.keys(shorthands)];
}

/** Whether npm's parser takes the next word as this flag's value; `flag` without dashes. */
export function flagTakesValue(flag: string): boolean {
  if (Object.hasOwn(shorthands, flag)) return false;
  if (/^(@.*:registry$|\/\/)/.test(flag)) return true;
  const definition = Object.hasOwn(definitions, flag) ? definitions[flag] : undefined;
  if (definition === undefined) return false;
  const types = Array.isArray(definition.type) ? definition.type : [definition.type];
  return !types.includes(Boolean);
}

/** Whether npm knows this key of a configuration file or command line (also `@scope:registry`, `//host/:_authToken`). */
export function isNpmKey(key: string): boolean {
  if (Object.hasOwn(definitions, key) || key === 'npm-version') return true;
  if (!key.includes(':')) return false;
  const base = key.slice(key.lastIndexOf(':') + 1);
  return Object.hasOwn(definitions, base) || exported.nerfDarts.includes(base);
}
