import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { currentVerdictKey } from '../../analyze/verdict-key.js';
import { hashFiles, machineGiven, stableJson } from '../given.js';
import type { InstallOptions } from '../options.js';

// What an install writes even where it has nothing to do: npm brings lock files into its own form.
const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', join('node_modules', '.package-lock.json')];

/** What decides what a bare `install` does, but for the tree itself, in two hashes. */
export interface Fingerprint {
  /** What no install writes: package.json, npm's configuration, policy, approvals, engine and rules, Node. */
  given: string;
  /** Of that, engine and rules. */
  rules: string;
  /** The lock files. */
  locks: string;
}

/**
 * Takes the fingerprint of an install as things are now.
 * @param rules engine and rules, where they were looked at before: later ones are not those that this install goes by
 */
export function fingerprintOf(
  { npm, policy, approvals, rulesFolders }: InstallOptions,
  rules = currentVerdictKey(rulesFolders),
): Fingerprint {
  const hash = createHash('sha256').update(machineGiven()).update(rules).update('\0');
  hash.update(stableJson([npm.path, npm.flat, npm.saveIsSet, npm.allowScripts, policy, approvals]));
  const given = hash.update(hashFiles(npm.path, ['package.json'])).digest('hex');
  return { given, rules, locks: hashFiles(npm.path, LOCKS) };
}
