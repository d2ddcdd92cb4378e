import { createRequire } from 'node:module';
import { delimiter, dirname, resolve } from 'node:path';
import packageEnvs from '@npmcli/run-script/lib/package-envs.js';
import setPath from '@npmcli/run-script/lib/set-path.js';
import type { QueuedScript } from './queue.js';

const require = createRequire(import.meta.url);

/** What an installer's environment adds to every script. */
export interface EnvironmentSettings {
  /** `process.env` after npm's `setEnvs`. */
  env: Record<string, string | undefined>;
  npmExecPath: string | null;
  command: string;
}

/** Absolute path of node-gyp's entry, npm's own or the one that comes with us. */
export function nodeGypPath(env: Record<string, string | undefined>): string {
  return env['npm_config_node_gyp'] ?? require.resolve('node-gyp/bin/node-gyp.js');
}

/** Folders a script reads node-gyp from: the outermost node_modules that holds it, and run-script's `node-gyp` command. */
export function nodeGypFolders(env: Record<string, string | undefined>): string[] {
  const own = [nodeGypPath(env), require.resolve('@npmcli/run-script/lib/set-path.js')];
  return [...new Set(own.map((path) => outermostNodeModules(path)))];
}

/** The environment of a dependency's script as npm makes it: npm_package_*, npm_lifecycle_*, and PATH with the .bin folders. */
export function scriptEnvironment(script: QueuedScript, settings: EnvironmentSettings): Record<string, string> {
  const { node, event, command, manifest } = script;
  const { path, name, integrity, resolved, optional, peer, dev, devOptional, isInStore } = node.target;
  const flag = (value: boolean | undefined): string => (value === true ? '1' : '');
  const { env } = settings;
  const store = isInStore ? resolve(path, ...name.split('/').map(() => '..')) : null;
  const all = setPath(path, false, {
    ...env,
    npm_package_resolved: resolved ?? 'null',
    npm_package_integrity: integrity ?? 'null',
    npm_package_json: resolve(path, 'package.json'),
    npm_package_optional: flag(optional),
    npm_package_dev: flag(dev),
    npm_package_peer: flag(peer),
    npm_package_dev_optional: flag(devOptional === true && dev !== true && !optional),
    ...(store === null ? {} : { NODE_PATH: [store, env['NODE_PATH']].filter(Boolean).join(delimiter) }),
    ...packageEnvs(manifest),
    npm_lifecycle_event: event,
    npm_lifecycle_script: command,
    npm_config_node_gyp: nodeGypPath(env),
    npm_command: settings.command,
    npm_node_execpath: env['npm_node_execpath'] ?? process.execPath,
    NODE: env['NODE'] ?? process.execPath,
    INIT_CWD: env['INIT_CWD'] ?? process.cwd(),
    ...(settings.npmExecPath === null ? {} : { npm_execpath: settings.npmExecPath }),
  });
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function outermostNodeModules(path: string): string {
  let found = dirname(path);
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (folder.endsWith('node_modules')) {
      found = folder;
    }
  }
  return found;
}
