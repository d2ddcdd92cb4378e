import { loadPolicy, type NpmConfig, type Policy, selectedWorkspaces } from '../config/index.js';
import type { InstallPolicy, NpmSettings } from '../install/index.js';
import type { CommandContext } from './command.js';

/** The policy that holds for this command line. */
export function policyOf({ npm, flags, cwd }: CommandContext): Policy {
  return loadPolicy({
    projectRoot: npm.global ? null : npm.localPrefix,
    file: flags.string('policy'),
    cwd,
    env: npm.env,
    today: new Date(),
  });
}

/** npm's configuration in the shape the install room wants. */
export async function npmSettings({ npm, cwd }: { npm: NpmConfig; cwd: string }): Promise<NpmSettings> {
  return {
    flat: npm.flat,
    path: npm.path,
    workspaces: await selectedWorkspaces(npm, cwd),
    env: npm.env,
    saveIsSet: npm.isSet('save'),
    allowScripts: npm.allowScripts,
    npmExecPath: npm.npmExecPath,
  };
}

/** The policy in the shape the install room wants. */
export function installPolicy(policy: Policy): InstallPolicy {
  const { thresholds, scripts, onReview, sandbox, grants, exceptions, ignoreViolations } = policy;
  return {
    thresholds,
    scripts,
    onReview,
    sandbox: { ...sandbox, limits: withoutUndefined(sandbox.limits) },
    ignoreViolations,
    grants: Object.fromEntries(
      Object.entries(grants).map(([name, { limits, ...grant }]) => [
        name,
        withoutUndefined({ ...grant, ...(limits === undefined ? {} : { limits: limits as never }) }),
      ]),
    ),
    exceptions,
  };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
