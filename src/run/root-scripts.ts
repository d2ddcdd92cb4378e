import { existsSync } from 'node:fs';
import PackageJson from '@npmcli/package-json';
import runScript from '@npmcli/run-script';
import type { ScriptRun } from '../model.js';
import { locationOf } from '../resolve/package-node.js';
import type { QueuedScript } from './queue.js';
import { ScriptFailedError } from './script-failed-error.js';

/** Lifecycle events of the project itself that npm runs after `install` and `ci`, in its order. */
export const ROOT_EVENTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
] as const;

/** Events that npm runs when the project's dependency tree has changed. */
export const DEPENDENCY_EVENTS = ['predependencies', 'dependencies', 'postdependencies'] as const;

export interface RootScriptOptions {
  /** Absolute folder of the project or workspace. */
  path: string;
  events: readonly string[];
  /** npm's `script-shell`; by default the system's own `sh`, by its absolute path: a dependency's bin called `sh` is not meant. */
  scriptShell?: string | undefined;
  /** Where the scripts' output goes: to the terminal, or to stderr because stdout belongs to a report. */
  output: 'inherit' | 'stderr';
  onScript?: (event: string, command: string) => void;
  /** Called with each script that has ended, also with one that failed. */
  onRun: (run: ScriptRun) => void;
}

/**
 * Runs the project's own scripts on the host, as npm does: they are the user's code, not a dependency's.
 * @throws ScriptFailedError with the script's own exit code
 */
export async function runRootScripts(options: RootScriptOptions): Promise<void> {
  const manifest = await PackageJson.normalize(options.path).then(
    ({ content }) => content as { name?: string; version?: string; scripts?: Record<string, string> },
    () => null,
  );
  for (const event of options.events) {
    const command = manifest?.scripts?.[event];
    if (!command) {
      continue;
    }
    options.onScript?.(event, command);
    const run = await runOne(options, event, command, manifest);
    options.onRun(run);
    if (run.exitCode !== 0) {
      throw new ScriptFailedError(run);
    }
  }
}

/** The shell of root scripts, by absolute path. */
export function hostShell(configured: string | undefined): string | undefined {
  if (configured !== undefined || process.platform === 'win32') {
    return configured;
  }
  return ['/bin/sh', '/usr/bin/sh'].find((path) => existsSync(path));
}

/** Runs a workspace's script on the host: workspaces are the user's own, as the project is. */
export async function runOwnScript(
  { node, event, command, manifest }: QueuedScript,
  env: Record<string, string>,
  stdio: 'inherit' | 'pipe',
  scriptShell: string | undefined,
): Promise<ScriptRun> {
  const started = Date.now();
  const { path } = node.target;
  const end = await runScript({
    path,
    event,
    pkg: { ...manifest, scripts: { [event]: command } },
    env,
    scriptShell: hostShell(scriptShell),
    stdio,
  }).then(
    (result) => ({ code: 0, signal: null, output: `${result.stdout ?? ''}${result.stderr ?? ''}` }),
    (error: Record<string, unknown>) => ({
      code: typeof error['code'] === 'number' ? error['code'] : null,
      signal: typeof error['signal'] === 'string' ? error['signal'] : null,
      output: `${error['stdout'] ?? ''}${error['stderr'] ?? ''}`,
    }),
  );
  return {
    package: `${node.target.packageName ?? node.name}@${node.target.version}`,
    location: locationOf(node),
    event,
    command,
    exitCode: end.code,
    signal: end.signal,
    ms: Date.now() - started,
    sandbox: 'none',
    output: end.output,
    limit: null,
  };
}

async function runOne(
  { path, scriptShell, output }: RootScriptOptions,
  event: string,
  command: string,
  manifest: { name?: string; version?: string } | null,
): Promise<ScriptRun> {
  const started = Date.now();
  const end = await runScript({
    path,
    event,
    args: [],
    pkg: manifest,
    scriptShell: hostShell(scriptShell),
    stdio: output === 'inherit' ? 'inherit' : [0, 2, 2],
  }).then(
    () => ({ code: 0, signal: null }),
    (error: { code?: unknown; signal?: unknown }) => ({
      code: typeof error.code === 'number' ? error.code : null,
      signal: typeof error.signal === 'string' ? error.signal : null,
    }),
  );
  return {
    package: `${manifest?.name ?? '(project)'}@${manifest?.version ?? ''}`,
    location: '',
    event,
    command,
    exitCode: end.code,
    signal: end.signal,
    ms: Date.now() - started,
    sandbox: 'none',
    output: '',
    limit: null,
  };
}
