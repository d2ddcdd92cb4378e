import { loadNpmConfig, stateDirectory } from '../config/index.js';
import type { Ask, Explanation, InstallCommand, ProgressEvent } from '../install/index.js';
import type { InstallReport } from '../model.js';
import { openSession, type Session } from './session.js';

/** Options of every library function; all have the command line's defaults. */
export interface CommonOptions {
  /** Folder to start from, absolute; the project is found from it as npm does. Default: the process's. */
  cwd?: string;
  /** npm flags as on the command line, e.g. `['--registry', url, '--offline']`. */
  npmFlags?: string[];
  /** Environment that npm's configuration is read from; npm's own variables are added to it. Default: a copy of the process's. */
  env?: Record<string, string | undefined>;
  /** Policy file that is taken instead of the project's. */
  policyFile?: string;
  /** Told what goes on. */
  onProgress?: (event: ProgressEvent) => void;
  /** Ends the work; an install is rolled back. */
  signal?: AbortSignal;
}

/** Options of `install`. */
export interface LibraryInstallOptions extends CommonOptions {
  /** Default `install`. */
  command?: InstallCommand;
  /** Packages as npm's command line takes them. */
  specs?: string[];
  /** Answers `review` verdicts; without it they end the install with exit code 11. */
  ask?: Ask;
}

/**
 * Scans packages without installing them; nothing of them runs.
 *
 * @param targets folders, tarballs, lock files, or specs that npm understands
 * @returns the report; `exitCode` is 0, 10 (block) or 11 (review) by the worst verdict
 * @throws SafeInstallError for a policy, rule file or target that cannot be used
 */
export async function scan(targets: string[], options: CommonOptions = {}): Promise<InstallReport> {
  const { session, cwd } = await sessionFor(options);
  const { scanTargets } = await import('../install/index.js');
  return scanTargets({ targets, cwd, ...session, ...watching(options) });
}

/**
 * Installs as `safe-install` does: every tarball is read before anything is written, scripts run in the sandbox.
 *
 * @returns the report, also of a blocked or failed install: see `exitCode` and `error`; the project is then as it was
 * @throws SafeInstallError for a policy or configuration that cannot be used
 */
export async function install(options: LibraryInstallOptions = {}): Promise<InstallReport> {
  const { session } = await sessionFor(options);
  const { installProject } = await import('../install/index.js');
  const { command = 'install', specs = [], ask } = options;
  const report = await installProject({
    command,
    specs,
    ...session,
    ...watching(options),
    ...(ask === undefined ? {} : { ask }),
  });
  return { ...report, warnings: [...session.warnings, ...report.warnings] };
}

/**
 * Tells the story of one package: what would run and when, the findings, the decision.
 *
 * @param spec `name`, `name@version` or any spec; a package of the project's tree is preferred
 * @returns one explanation a matching version
 */
export async function explain(spec: string, options: CommonOptions = {}): Promise<Explanation[]> {
  const { session, cwd } = await sessionFor(options);
  const { explainPackage } = await import('../install/index.js');
  return explainPackage({ spec, cwd, ...session, ...watching(options) });
}

async function sessionFor({
  cwd = process.cwd(),
  npmFlags = [],
  env = { ...process.env },
  policyFile,
}: CommonOptions): Promise<{ session: Session; cwd: string }> {
  const npm = await loadNpmConfig(npmFlags, cwd, env);
  return { session: await openSession({ npm, cwd, policyFile, stateDir: stateDirectory(env) }), cwd };
}

function watching({ onProgress, signal }: CommonOptions): Pick<CommonOptions, 'onProgress' | 'signal'> {
  return { ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }) };
}
