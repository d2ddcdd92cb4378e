import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { toolEnvironment } from '../../../bench/harness/tools.js';

/** Folders of one tool: nothing of the user's own is used. */
export interface ToolFolders {
  home: string;
  cache: string;
  state: string;
}

/** Runs npm or safe-install in a project folder to its successful end; the error shows what it printed. */
export async function runTool(argv: string[], cwd: string, folders: ToolFolders, registry: string): Promise<void> {
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const [command, ...args] = argv;
  await execa(command as string, args, {
    cwd,
    env: toolEnvironment(folders, registry),
    extendEnv: false,
    stdin: 'ignore',
    all: true,
  });
}

/** Lets npm run the scripts of an installed project in a bubblewrap without network that can write the project only. */
export async function rebuildConfined(
  npm: string[],
  project: string,
  folders: ToolFolders,
  registry: string,
): Promise<void> {
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: prefix } : {};
  const places = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/dev/shm'];
  const writable = [project, ...Object.values(folders)].flatMap((folder) => ['--bind', folder, folder]);
  await execa('bwrap', [...places, ...writable, '--unshare-net', '--unshare-pid', ...npm, 'rebuild'], {
    cwd: project,
    env: { ...toolEnvironment(folders, registry), ...headers },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
  });
}
