import { DEPENDENCY_EVENTS, ROOT_EVENTS, runRootScripts } from '../run/root-scripts.js';
import type { Journey } from './journey.js';
import type { InstallOptions } from './options.js';

/** Runs the project's own scripts as npm does: after `ci` and a bare `install`, and `dependencies` where the tree has changed. */
export async function runOwnScripts(options: InstallOptions, journey: Journey, treeChanged: boolean): Promise<void> {
  const { command, npm, specs, onProgress, rootScriptsOutput } = options;
  const { dryRun, ignoreScripts, global, packageLockOnly, scriptShell } = npm.flat;
  if (dryRun === true || ignoreScripts === true || global === true) {
    return;
  }
  const dependencies = treeChanged && packageLockOnly !== true ? DEPENDENCY_EVENTS : [];
  const bare = command === 'ci' || (command === 'install' && specs.length === 0);
  await runRootScripts({
    path: npm.path,
    events: [...dependencies, ...(bare ? ROOT_EVENTS : [])],
    scriptShell: typeof scriptShell === 'string' ? scriptShell : undefined,
    output: rootScriptsOutput ?? 'inherit',
    onScript: (event, text) => onProgress?.({ phase: 'root-script', event, command: text }),
    onRun: (run) => journey.ownRuns.push(run),
  });
}
