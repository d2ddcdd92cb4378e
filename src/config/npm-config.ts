import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Config from '@npmcli/config';
import exported from '@npmcli/config/lib/definitions/index.js';
import parseAllowScriptsList from '@npmcli/config/lib/parse-allow-scripts-list.js';
import { EXIT, SafeInstallError } from '../errors.js';
import { isNpmKey } from './npm-flags.js';

/** npm's configuration as safe-install's commands use it. */
export interface NpmConfig {
  /** Flat options for arborist, pacote and npm-registry-fetch. */
  flat: Record<string, unknown>;
  /** Positional arguments that npm's parser left. */
  positionals: string[];
  /** Flags of the command line that npm does not know, as typed without dashes. */
  unknownFlags: string[];
  /** The project's root: the nearest folder above with a package.json or node_modules, or the workspace root. */
  localPrefix: string;
  /** Absolute root of the install: `localPrefix`, or with `-g` the folder above the global `node_modules`. */
  path: string;
  global: boolean;
  /** Workspace filters (`-w`), or true for `--workspaces`. */
  workspaces: string[] | boolean;
  env: Record<string, string | undefined>;
  allowScripts: { commandLine: string[]; npmrc: string[] };
  /** Absolute path of the user's npm-cli.js, where npm was found. */
  npmExecPath: string | null;
  get(key: string): unknown;
  /** Whether the user set a key anywhere. */
  isSet(key: string): boolean;
}

/**
 * Loads npm's configuration from the command line, the environment and all .npmrc files, by npm's own code.
 * @param argv the command line without `node`, script and safe-install's own flags
 * @throws SafeInstallError `ENPMCONFIG` where npm would refuse the configuration too
 */
export async function loadNpmConfig(
  argv: string[],
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<NpmConfig> {
  const npmPath = findNpm(env);
  const config = new Config({
    definitions: exported.definitions,
    shorthands: exported.shorthands,
    flatten: exported.flatten,
    nerfDarts: exported.nerfDarts,
    npmPath: npmPath ?? fileURLToPath(new URL('../../npm-not-found', import.meta.url)),
    // nopt drops the first two words, as of process.argv
    argv: ['node', 'safe-install', ...argv],
    env,
    cwd,
    warn: false,
  });
  try {
    await config.load();
    config.validate();
  } catch (cause) {
    throw new SafeInstallError((cause as Error).message, { code: 'ENPMCONFIG', exitCode: EXIT.npm, cause });
  }
  refuseUnreadableFiles(config);
  const global = config.get('global') === true || config.get('location') === 'global';
  return {
    flat: config.flat,
    positionals: config.parsedArgv.remain,
    unknownFlags: Object.keys(config.data.get('cli')?.data ?? {}).filter((key) => !isNpmKey(key)),
    localPrefix: config.localPrefix,
    path: global ? globalFolder(config.globalPrefix) : config.localPrefix,
    global,
    workspaces: workspaceFilters(config),
    env,
    isSet: (key) => !config.isDefault(key),
    allowScripts: {
      commandLine: firstList(config, ['cli', 'env']),
      npmrc: firstList(config, ['project', 'user', 'global', 'builtin']),
    },
    npmExecPath: npmPath === null ? null : config.npmBin,
    get: (key) => config.get(key),
  };
}

/** Folder of the user's npm: of the npm that started us, of PATH, or beside this Node; null where there is none. */
export function findNpm(env: Record<string, string | undefined>): string | null {
  const candidates = [
    env['npm_execpath'],
    ...(env['PATH'] ?? '').split(delimiter).map((folder) => (folder === '' ? undefined : join(folder, 'npm'))),
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  for (const candidate of candidates) {
    if (candidate === undefined || !existsSync(candidate)) continue;
    const file = realpathSync(candidate);
    const folder = dirname(dirname(file));
    if (file.endsWith('npm-cli.js') && existsSync(join(folder, 'package.json'))) return folder;
  }
  return null;
}

function globalFolder(globalPrefix: string): string {
  return process.platform === 'win32' ? globalPrefix : resolve(globalPrefix, 'lib');
}

function workspaceFilters(config: Config): string[] | boolean {
  const filters = config.get('workspace') as string[];
  if (filters.length > 0) return filters;
  return config.get('workspaces') === true;
}

function firstList(config: Config, layers: string[]): string[] {
  for (const layer of layers) {
    const names = parseAllowScriptsList(config.get('allow-scripts', layer));
    if (names.length > 0) return names;
  }
  return [];
}

function refuseUnreadableFiles(config: Config): void {
  for (const { loadError, source } of config.data.values()) {
    if (loadError !== null && loadError !== undefined && loadError.code !== 'ENOENT') {
      throw new SafeInstallError(`npm's configuration file cannot be read: ${loadError.message}`, {
        code: 'ENPMCONFIG',
        exitCode: EXIT.npm,
        ...(source === null ? {} : { where: source }),
        cause: loadError,
      });
    }
  }
}
