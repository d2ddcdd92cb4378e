import { mkdir } from 'node:fs/promises';
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
