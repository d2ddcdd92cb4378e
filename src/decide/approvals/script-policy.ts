import npa from 'npm-package-arg';
import type { ScriptKeys } from './script-key.js';

/** A table of script decisions as npm (`allowScripts`) and pnpm (`allowBuilds`) keep it: key → may run. */
export type ScriptPolicy = Record<string, unknown>;

/** A changed table, and why it could not say all that was asked. */
export interface PolicyChange {
  policy: ScriptPolicy;
  warning: string | null;
}

/**
 * Approves the installed versions of one package, as `npm install-scripts approve` does: one exact pin per version, older
 * single pins go, `||` pins stay, the name-only entry goes when pins say it all. Where npm can pin no version, by name.
 * A denial is never overruled: it is returned as a warning.
 */
export function approveScripts(policy: ScriptPolicy, keys: ScriptKeys[]): PolicyChange {
  const name = keys.find((key) => key.name !== null)?.name ?? null;
  if (name === null) return { policy, warning: 'npm has no key by which this package could be approved.' };
  const denial = Object.entries(policy).find(([key, value]) => value === false && isAbout(key, name));
  if (denial !== undefined) {
    return { policy, warning: `${denial[0]} is denied in allowScripts; remove that entry first.` };
  }
  const pins = keys.map(({ pinned }) => pinned);
  const pinnable = pins.every((pin) => pin !== null);
  const kept = Object.entries(policy).filter(([key, value]) => {
    if (value !== true || !isAbout(key, name)) return true;
    return key === name ? !pinnable || pins.includes(key) : !isSinglePin(key) || pins.includes(key);
  });
  const added = (pinnable ? pins : [name]).map((key) => [key, true] as const);
  return {
    policy: Object.fromEntries([...kept, ...added]),
    warning: pinnable
      ? null
      : `${name} is approved by name for npm, because the lock file has no "resolved" for it; safe-install.lock pins its bytes.`,
  };
}

/** Denies a package, as `npm install-scripts deny` does: by name, for all versions; its approvals go. */
export function denyScripts(policy: ScriptPolicy, name: string): ScriptPolicy {
  const kept = Object.entries(policy).filter(([key]) => !isAbout(key, name));
  return Object.fromEntries([...kept, [name, false]]);
}

/** Removes every entry of a package, so that it is unreviewed again. */
export function forgetScripts(policy: ScriptPolicy, name: string): ScriptPolicy {
  return Object.fromEntries(Object.entries(policy).filter(([key]) => !isAbout(key, name)));
}

/** Whether a key speaks of the package that `name` names (a registry name, or a source without its commit). */
export function isAbout(key: string, name: string): boolean {
  if (key === name || key.startsWith(`${name}#`)) return true;
  try {
    const parsed = npa(key);
    return parsed.registry === true && parsed.name === name;
  } catch {
    return false;
  }
}

function isSinglePin(key: string): boolean {
  try {
    return npa(key).type === 'version' || key.includes('#');
  } catch {
    return false;
  }
}
