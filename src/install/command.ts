import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import PackageJson from '@npmcli/package-json';
import { EXIT, SafeInstallError } from '../errors.js';
import { type ArboristOptions, type GuardedArborist, NoLockFileError, validateLockfile } from '../resolve/index.js';
import type { InstallOptions } from './options.js';

/** npm would refuse these arguments or this project; its own exit code and words. */
export class UsageError extends SafeInstallError {
  constructor(message: string, code = 'EUSAGE', next: string[] = []) {
    super(message, { code, exitCode: EXIT.npm, next });
  }
}

/** Options of arborist's constructor and of `reify` for one command, as npm's own commands make them. */
export async function commandOptions(options: InstallOptions, allowScripts: unknown): Promise<ArboristOptions> {
  const { command, npm, specs } = options;
  const global = npm.flat['global'] === true;
  const base: ArboristOptions = {
    ...npm.flat,
    auditLevel: null,
    path: npm.path,
    workspaces: npm.workspaces,
    allowScripts,
  };
  switch (command) {
    case 'install': {
      const add = specs.filter((spec) => resolve(spec) !== npm.path);
      if (global && !specs.every(Boolean)) {
        throw new UsageError('An empty package name cannot be installed globally.');
      }
      return { ...base, add: global && add.length === 0 ? ['.'] : add };
    }
    case 'update':
      return { ...base, save: npm.saveIsSet ? npm.flat['save'] : false, update: specs.length === 0 ? true : specs };
    case 'uninstall':
      return { ...base, rm: await namesToRemove(specs, global) };
    case 'ci':
      if (global) {
        throw new UsageError('`ci` does not work for global packages.', 'ECIGLOBAL');
      }
      return { ...base, packageLock: true, save: false };
  }
}

/**
 * Refuses a package.json that is JSON and yet no manifest; npm would take it for an empty one and write over it.
 * What is no JSON at all is arborist's to report.
 * @throws UsageError
 */
export async function requireManifest(folder: string): Promise<void> {
  const file = join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  let content: unknown = {};
  try {
    content = JSON.parse((text ?? '{}').replace(/^\uFEFF/, ''));
  } catch {
    return;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${file} is JSON, but no object.`, 'EJSONPARSE', [
      'Mend it, or restore it from version control.',
    ]);
  }
}

/**
 * Builds the ideal tree that `ci` may install: exactly the lock file's.
 * @throws UsageError without a usable lock file, or when it does not fit package.json
 */
export async function buildLockedTree(arborist: GuardedArborist): Promise<void> {
  const locked = await arborist.buildFromLock().catch((error: unknown) => {
    if (!(error instanceof NoLockFileError)) throw error;
    throw new UsageError(
      'The `ci` command can only install with an existing package-lock.json or npm-shrinkwrap.json with lockfileVersion >= 1.',
      'EUSAGE',
      [error.message, 'Run safe-install once to write a package-lock.json, then try again.'],
    );
  });
  const problems = validateLockfile(locked, arborist.idealTree?.inventory ?? new Map());
  if (problems.length > 0) {
    throw new UsageError(
      'package.json and package-lock.json (or npm-shrinkwrap.json) are not in sync, and `ci` installs nothing else.',
      'EUSAGE',
      [...problems, 'Run safe-install (install) to bring the lock file up to date.'],
    );
  }
}

async function namesToRemove(specs: readonly string[], global: boolean): Promise<string[]> {
  if (specs.length > 0) {
    return [...specs];
  }
  if (!global) {
    throw new UsageError('Must provide a package name to remove.');
  }
  const name = await PackageJson.normalize(process.cwd()).then(
    ({ content }) => content.name,
    () => undefined,
  );
  if (name === undefined) {
    throw new UsageError('Must provide a package name to remove.');
  }
  return [name];
}
