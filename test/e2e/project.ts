import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadNpmConfig } from '../../src/config/index.js';
import { type InstallOptions, type InstallPolicy, installProject, type NpmSettings } from '../../src/install/index.js';
import type { InstallReport } from '../../src/model.js';

/** A project in a temporary folder, with an npm cache, a HOME and a state folder of its own. */
export interface TestProject {
  /** The project's root. */
  path: string;
  /** Folder outside the project, for traces and caches. */
  outside: string;
  write(files: Record<string, unknown>): Promise<void>;
  read(file: string): Promise<string>;
  json<Value = Record<string, unknown>>(file: string): Promise<Value>;
  /** Path → type, mode, content hash or link target, of everything in the project. */
  tree(): Promise<Map<string, string>>;
  /** npm's configuration for this project, with these arguments. */
  npm(argv?: string[]): Promise<NpmSettings>;
  /** Runs a command through the install room's door. `argv` are npm's own flags. */
  run(command: InstallOptions['command'], specs?: string[], more?: RunOptions): Promise<InstallReport>;
  remove(): Promise<void>;
}

export interface RunOptions extends Partial<Omit<InstallOptions, 'command' | 'specs' | 'npm' | 'policy'>> {
  argv?: string[];
  policy?: Partial<InstallPolicy>;
  env?: Record<string, string>;
}

export const TEST_POLICY: InstallPolicy = {
  thresholds: { review: 30, block: 60 },
  scripts: 'run',
  onReview: 'ask',
  sandbox: { require: 'full', limits: {} },
  grants: {},
  exceptions: [],
};

/** Makes a project that installs from this registry. Values that are no strings are written as JSON. */
export async function makeProject(registry: string, files: Record<string, unknown>): Promise<TestProject> {
  const outside = await mkdtemp(join(tmpdir(), 'si-e2e-'));
  const path = join(outside, 'project');
  await mkdir(path);
  const write = async (more: Record<string, unknown>): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(
        join(path, name),
        typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
      );
    }
  };
  await write(files);
  const npm = async (argv: string[] = [], env: Record<string, string> = {}): Promise<NpmSettings> => {
    const config = await loadNpmConfig(
      ['--registry', registry, '--cache', join(outside, 'npm-cache'), '--fetch-retries', '0', ...argv],
      path,
      {
        PATH: process.env['PATH'],
        HOME: outside,
        npm_config_userconfig: join(outside, 'user.npmrc'),
        npm_config_globalconfig: join(outside, 'global.npmrc'),
        npm_config_prefix: join(outside, 'prefix'),
        ...env,
      },
    );
    return {
      flat: config.flat,
      path: config.path,
      workspaces: Array.isArray(config.workspaces) ? config.workspaces : [],
      env: config.env,
      saveIsSet: config.isSet('save'),
      allowScripts: config.allowScripts,
      npmExecPath: config.npmExecPath,
    };
  };
  return {
    path,
    outside,
    write,
    npm,
    read: (file) => readFile(join(path, file), 'utf8'),
    json: async (file) => JSON.parse(await readFile(join(path, file), 'utf8')),
    tree: () => hashTree(path),
    run: async (command, specs = [], { argv = [], policy, env = {}, ...more } = {}) =>
      installProject({
        command,
        specs,
        npm: await npm(argv, env),
        policy: { ...TEST_POLICY, ...policy },
        approvals: [],
        stateDir: join(outside, 'state'),
        rulesFolders: [],
        rootScriptsOutput: 'stderr',
        ...more,
      }),
    remove: () => rm(outside, { recursive: true, force: true }),
  };
}

/** Every entry below a folder: `d mode`, `f mode sha256`, `l target`. */
export async function hashTree(folder: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const visit = async (relative: string): Promise<void> => {
    const path = join(folder, relative);
    const stats = await lstat(path);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) {
      tree.set(relative, `l ${await readlink(path)}`);
    } else if (stats.isDirectory()) {
      tree.set(relative, `d ${mode}`);
      for (const name of (await readdir(path)).sort()) {
        await visit(join(relative, name));
      }
    } else {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      tree.set(relative, `f ${mode} ${hash}`);
    }
  };
  await visit('.');
  return tree;
}
