import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { benchCache, installedPackages, layProject, putAside } from '../harness/project.js';
import type { Contender } from '../harness/rounds.js';
import { npm11, npm12, pnpm12, safeInstall, toolEnvironment } from '../harness/tools.js';
import type { State } from './states.js';

/** One tool on one project; its folders live through all states. */
export interface Tool {
  name: string;
  argv: string[];
  /** Arguments of a clean install and of an install where everything may be there. */
  clean: string[];
  again: string[];
  /** What else lies in the project folder: pnpm's own lock file. */
  lay?: (folder: string, registry: string) => Promise<void>;
}

/** The two tools that the promise is about. */
export const PAIR: Tool[] = [
  { name: 'npm 11', argv: npm11, clean: ['ci', '--ignore-scripts'], again: ['install', '--ignore-scripts'] },
  {
    name: 'safe-install',
    argv: safeInstall,
    clean: ['ci', '--ignore-scripts'],
    again: ['install', '--ignore-scripts'],
  },
];

/** Tools that run in the same rounds for reference. */
export async function referenceTools(): Promise<Tool[]> {
  return [
    {
      name: 'npm 12',
      argv: await npm12(),
      clean: ['ci', '--ignore-scripts'],
      again: ['install', '--ignore-scripts'],
    },
    {
      name: 'pnpm 12',
      argv: pnpm12,
      clean: ['install', '--frozen-lockfile', '--ignore-scripts'],
      again: ['install', '--frozen-lockfile', '--ignore-scripts'],
      lay: layPnpmLock,
    },
  ];
}

// pnpm reads its own lock file only: made once of npm's, by pnpm itself, with the registry's own address left out of it.
async function layPnpmLock(folder: string, registry: string): Promise<void> {
  // It takes no registry from npm's environment variables.
  await writeFile(join(folder, '.npmrc'), `registry=${registry}\n`);
  const kept = join(benchCache(), 'pnpm-locks', `${basename(folder)}.yaml`);
  const target = join(folder, 'pnpm-lock.yaml');
  if (!existsSync(kept)) {
    const home = join(benchCache(), 'pnpm-home');
    await mkdir(home, { recursive: true });
    const folders = { home, cache: join(home, 'cache'), state: join(home, 'state') };
    const [command, ...args] = [...pnpm12, 'import'];
    execFileSync(command as string, args, { cwd: folder, env: toolEnvironment(folders, registry), stdio: 'ignore' });
    await mkdir(dirname(kept), { recursive: true });
    await writeFile(kept, (await readFile(target, 'utf8')).replaceAll(registry, PLACEHOLDER));
  }
  await writeFile(target, (await readFile(kept, 'utf8')).replaceAll(PLACEHOLDER, registry));
}

const PLACEHOLDER = 'http://registry.invalid/';

/** The folder of a tool's project, caches and state. */
export function toolFolder({ name }: Tool, base: string): string {
  return join(base, name.replace(' ', ''));
}

/** A tool in one state of one project, under `base`. */
export function contender(tool: Tool, state: State, project: string, base: string, registry: string): Contender {
  const own = toolFolder(tool, base);
  const folders = { home: join(own, 'home'), cache: join(own, 'cache'), state: join(own, 'state') };
  const folder = join(own, project);
  const lay = async (): Promise<void> => {
    await putAside(folder);
    await layProject(project, folder, registry);
    await tool.lay?.(folder, registry);
  };
  return {
    name: tool.name,
    prepare: async () => {
      await mkdir(folders.home, { recursive: true });
      if (state === 'nothing-to-do') return;
      if (state === 'cold') {
        for (const kept of [folders.cache, folders.state, folders.home]) await putAside(kept);
        await mkdir(folders.home, { recursive: true });
      }
      if (state === 'warm-no-verdicts') await putAside(folders.state);
      // What is known of trees goes, and all else stays.
      if (state === 'warm-new-lock') await putAside(join(folders.state, 'trees'));
      await lay();
    },
    command: () => ({
      argv: [...tool.argv, ...(state === 'nothing-to-do' ? tool.again : tool.clean)],
      cwd: folder,
      env: toolEnvironment(folders, registry),
    }),
    check: async () => {
      if (tool.name.startsWith('pnpm')) return;
      const installed = await installedPackages(folder);
      if (installed === 0) throw new Error(`${folder} has no installed packages`);
    },
  };
}
