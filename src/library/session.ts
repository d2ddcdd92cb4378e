import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy, type NpmConfig, type Policy, selectedWorkspaces } from '../config/index.js';
import type { ApprovalRecord } from '../decide/approvals/index.js';
import { LOCK_NAME } from '../decide/approvals/lock-name.js';
import type { InstallPolicy, NpmSettings, RecordedApproval } from '../install/index.js';

/** What every command that installs or scans needs to know, from npm's configuration, policy and approvals. */
export interface Session {
  npm: NpmSettings;
  policy: InstallPolicy;
  approvals: RecordedApproval[];
  rulesFolders: string[];
  stateDir: string;
  /** What a person should be told, e.g. that an approval has ended. */
  warnings: string[];
}

/** Where a session is opened. */
export interface SessionPlace {
  npm: NpmConfig;
  cwd: string;
  stateDir: string;
  /** File of --policy. */
  policyFile?: string | undefined;
  today?: Date;
}

/**
 * Opens a session: policy, approvals and workspaces of the project that npm's configuration names.
 * @throws PolicyError, or SafeInstallError EAPPROVALLOCK (exit 14), ENOWORKSPACES
 */
export async function openSession(place: SessionPlace): Promise<Session> {
  const { npm, cwd, stateDir, today = new Date() } = place;
  const policy = await policyAt(place);
  const { held, ended } = await approvalsOn(place, today);
  return {
    npm: {
      flat: npm.flat,
      path: npm.path,
      workspaces: await selectedWorkspaces(npm, cwd),
      env: npm.env,
      saveIsSet: npm.isSet('save'),
      allowScripts: npm.allowScripts,
      npmExecPath: npm.npmExecPath,
    },
    policy: installPolicy(policy),
    approvals: [...held.map((entry) => recorded(entry, false)), ...ended.map((entry) => recorded(entry, true))],
    rulesFolders: policy.rules,
    stateDir,
    warnings: ended.map(
      ([id, { expires }]) => `The approval of ${id} ended on ${expires}: look again, then safe-install approve ${id}.`,
    ),
  };
}

/** The policy that holds at a place. @throws PolicyError */
export function policyAt({
  npm,
  cwd,
  policyFile,
  today = new Date(),
}: Omit<SessionPlace, 'stateDir'>): Promise<Policy> {
  return loadPolicy({ projectRoot: npm.global ? null : npm.localPrefix, file: policyFile, cwd, env: npm.env, today });
}

/** Folder whose safe-install.lock holds: the project's root, or for `-g` a folder of the state directory. */
export function approvalRoot({ npm, stateDir }: Pick<SessionPlace, 'npm' | 'stateDir'>): string {
  return npm.global ? join(stateDir, 'global') : npm.localPrefix;
}

type Records = [string, ApprovalRecord][];

async function approvalsOn(place: SessionPlace, today: Date): Promise<{ held: Records; ended: Records }> {
  const root = approvalRoot(place);
  if (!existsSync(join(root, LOCK_NAME))) return { held: [], ended: [] };
  const { heldOn, readApprovalLock } = await import('../decide/approvals/index.js');
  return heldOn(readApprovalLock(root), today);
}

function recorded([id, record]: [string, ApprovalRecord], ended: boolean): RecordedApproval {
  const { integrity, scriptHash, grant, reason } = record;
  return { package: id, integrity, scriptHash, grant: grant as RecordedApproval['grant'], reason, ended };
}

function installPolicy({ sources: _, rules: __, ...policy }: Policy): InstallPolicy {
  return {
    ...policy,
    sandbox: { ...policy.sandbox, limits: defined(policy.sandbox.limits) },
    grants: Object.fromEntries(
      Object.entries(policy.grants).map(([name, { limits, ...grant }]) => [
        name,
        { ...defined(grant), ...(limits === undefined ? {} : { limits: defined(limits) as never }) },
      ]),
    ),
  };
}

/** The object without keys whose value is undefined. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
