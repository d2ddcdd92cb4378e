import type { InstallReport, ScriptRun } from '../model.js';
import type { WrittenTree } from './install-project.js';
import type { ExplainOptions, Explanation, InstallOptions, LearnOptions, Learnt, ScanOptions } from './options.js';
import type * as RunInSandbox from './run-in-sandbox.js';
import type * as SandboxParts from './sandbox-parts.js';

export type * from './options.js';
export type { SandboxedCommand } from './run-in-sandbox.js';
export { checkGrants, type GrantRequest, scriptGrant } from './script-grant.js';

// Each command loads what it needs: arborist alone takes longer than the scan of one package.

/**
 * Runs one of npm's installing commands, guarded: resolve, fetch, scan, decide, and only then write and run scripts.
 * Always resolves to a report, also for a blocked or failed install (`exitCode`, `error`); the project is then as it was.
 */
export async function installProject(options: InstallOptions): Promise<InstallReport> {
  const { lookForSettled, rememberSettled } = await import('./settled/index.js');
  const { report, fingerprint } = lookForSettled(options);
  if (report !== null) return report;
  const settle = (written: InstallReport): InstallReport => {
    rememberSettled(options, fingerprint, written);
    return written;
  };
  const { forgetTree, lookForTree, rememberTree } = await import('./repeated/index.js');
  const look = lookForTree(options, fingerprint?.rules);
  const { key, tree } = look;
  const { beginAhead } = await import('./ahead/index.js');
  let ahead = await beginAhead(options, tree !== null);
  if (key !== null && tree !== null) {
    const { installRepeated } = await import('./repeated/install-repeated.js');
    const repeated = await installRepeated(options, tree, ahead);
    if (repeated !== null) return tree.lockStays ? settle(repeated) : repeated;
    forgetTree(options.stateDir, key);
    ahead = null;
  }
  let settles = options.command === 'install';
  const wrote = ({ lockStays, known }: WrittenTree): void => {
    settles ||= lockStays;
    if (known !== null) rememberTree(options, look, known);
  };
  const { installProject } = await import('./install-project.js');
  const resolved = await installProject(options, { ahead, wrote });
  return settles ? settle(resolved) : resolved;
}

/**
 * Scans folders, tarballs, lock files or specs without installing; exit code 0, 10 or 11 by the worst verdict.
 * Resolves to a report also where a target cannot be read (`error`).
 */
export async function scanTargets(options: ScanOptions): Promise<InstallReport> {
  return (await import('./scan-targets.js')).scanTargets(options);
}

/**
 * Tells the story of one package: what would run and when, the findings, the decision; one per installed version.
 * @throws SafeInstallError, or npm's error, where the spec names nothing that can be read
 */
export async function explainPackage(options: ExplainOptions): Promise<Explanation[]> {
  return (await import('./explain-package.js')).explainPackage(options);
}

/** Finds out what the scripts of one package need beyond the default; see `learnPackage` of learn-package.ts. */
export async function learnPackage(options: LearnOptions): Promise<Learnt> {
  return (await import('./learn-package.js')).learnPackage(options);
}

/** Runs a command as the script of an installed package would run; see `runAsPackage` of run-in-sandbox.ts. */
export async function runAsPackage(...args: Parameters<typeof RunInSandbox.runAsPackage>): Promise<ScriptRun> {
  return (await import('./run-in-sandbox.js')).runAsPackage(...args);
}

/** Runs any command under settings in the format of sandbox-runtime; see `runUnderSettings` of run-in-sandbox.ts. */
export async function runUnderSettings(...args: Parameters<typeof RunInSandbox.runUnderSettings>): Promise<ScriptRun> {
  return (await import('./run-in-sandbox.js')).runUnderSettings(...args);
}

/** Registries with their logins and the way to the outside, as npm's configuration gives them. */
export async function sandboxPartsOf(
  ...args: Parameters<typeof SandboxParts.sandboxPartsOf>
): Promise<ReturnType<typeof SandboxParts.sandboxPartsOf>> {
  return (await import('./sandbox-parts.js')).sandboxPartsOf(...args);
}
