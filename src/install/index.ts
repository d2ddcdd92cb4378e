import { SafeInstallError } from '../errors.js';
import type { InstallReport } from '../model.js';
import type { ExplainOptions, Explanation, ScanOptions } from './options.js';

export { installProject } from './install-project.js';
export type * from './options.js';
export { runAsPackage, runUnderSettings, type SandboxedCommand } from './run-in-sandbox.js';
export { checkGrants, type GrantRequest, scriptGrant } from './script-grant.js';

/** Scans folders, tarballs, lock files or specs without installing; exit code 0, 10 or 11 by the worst verdict. */
export async function scanTargets(options: ScanOptions): Promise<InstallReport> {
  throw notBuilt(options.targets.join(' '));
}

/** Tells the story of one package: what would run and when, the findings, the decision; one per installed version. */
export async function explainPackage(options: ExplainOptions): Promise<Explanation[]> {
  throw notBuilt(options.spec);
}

function notBuilt(where: string): SafeInstallError {
  return new SafeInstallError('This door is not built yet.', { code: 'ENOTBUILT', exitCode: 1, where });
}
