import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { currentVerdictKey } from '../../analyze/verdict-key.js';
import { goesByTheLock } from '../goes-by-the-lock.js';
import type { InstallOptions } from '../options.js';
import type { KnownTree } from './known-tree.js';
import { keepTree, readTree } from './tree-files.js';
import { treeKey } from './tree-key.js';

export { forgetTree } from './tree-files.js';

/** What a look for a known tree gave. */
export interface TreeLook {
  /** Null where what is installed is not the lock file's to say. */
  key: string | null;
  /** Engine and rules when it was looked. */
  rules: string;
  tree: KnownTree | null;
}

/**
 * Looks whether arborist has made a tree of these very files before, which is now to be written whole: a `ci`, or an `install` where nothing
 * is in node_modules. Packages are looked up, decided on and written as ever; only the tree is not resolved again.
 *
 * @param rules engine and rules, where they were looked at before
 */
export function lookForTree(options: InstallOptions, rules?: string): TreeLook {
  const none: TreeLook = { key: null, rules: '', tree: null };
  try {
    const { npm, command, stateDir } = options;
    const state = stateOf(join(npm.path, 'node_modules'));
    // npm takes a node_modules that is a link away, and reads a yarn.lock beside its own.
    if (!isWhole(options) || state === 'other' || exists(join(npm.path, 'yarn.lock'))) return none;
    if (command === 'install' && state === 'filled') return none;
    const look = { rules: rules ?? currentVerdictKey(options.rulesFolders) };
    const key = treeKey(options, look.rules);
    const tree = readTree(stateDir, key);
    return { ...look, key, tree: command === 'ci' || tree?.lockStays === true ? tree : null };
  } catch {
    // What cannot be looked at is arborist's to complain of.
    return none;
  }
}

/** Keeps a tree that was written, where the files are still those that it was made of. */
export function rememberTree(options: InstallOptions, { key, rules }: TreeLook, tree: KnownTree): void {
  if (key !== null && treeKey(options, rules) === key) keepTree(options.stateDir, key, tree);
}

function isWhole(options: InstallOptions): boolean {
  const { specs, npm } = options;
  return goesByTheLock(options) && specs.length === 0 && npm.workspaces.length === 0 && npm.flat['workspaces'] !== true;
}

function stateOf(modules: string): 'empty' | 'filled' | 'other' {
  const stats = lstatSync(modules, { throwIfNoEntry: false });
  if (stats === undefined) return 'empty';
  if (!stats.isDirectory()) return 'other';
  return readdirSync(modules).length === 0 ? 'empty' : 'filled';
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
