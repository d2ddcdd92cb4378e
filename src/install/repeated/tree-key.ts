import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { hashFiles, machineGiven, stableJson } from '../given.js';
import type { InstallOptions } from '../options.js';

/** What a tree is made of beside npm's configuration. */
const FILES = ['package.json', 'npm-shrinkwrap.json', 'package-lock.json'];

/** Of npm's configuration what decides no tree that a lock file pins, and differs from one command line or day to the next. */
const NO_MATTER = [
  'before',
  'color',
  'heading',
  'ignoreScripts',
  'json',
  'logColor',
  'parseable',
  'progress',
  'silent',
];

/**
 * The name of the tree that arborist makes of a project's files: the same for the same files, configuration, engine, rules and Node, in
 * whatever folder the project lies.
 * @param rules engine and rules, as `currentVerdictKey` names them
 */
export function treeKey({ npm }: Pick<InstallOptions, 'npm'>, rules: string): string {
  const { size, mtimeMs } = statSync(process.execPath);
  const flat = Object.fromEntries(Object.entries(npm.flat).filter(([name]) => !NO_MATTER.includes(name)));
  const configuration = stableJson([flat, npm.saveIsSet]).replaceAll(JSON.stringify(npm.path).slice(1, -1), '\0');
  return (
    createHash('sha256')
      .update(machineGiven())
      // One Node for each libc: both may keep their records in one home.
      .update(`${rules}\0${size} ${mtimeMs}\0`)
      .update(configuration)
      .update(hashFiles(npm.path, FILES))
      .digest('hex')
  );
}
