import type { ApprovalRecord, ScriptKeys } from '../decide/approvals/index.js';
import { approvalRoot } from '../library/index.js';
import type { PackageNode } from '../model.js';
import { decider, today } from './approvals-context.js';
import type { CommandContext } from './command.js';
import { usageError } from './flags.js';
import type { GivenGrant } from './grant-flags.js';

/** One package that a person has said yes to. */
export interface Approved {
  node: PackageNode;
  scriptHash: string;
  hasScripts: boolean;
  grant: GivenGrant | null;
  reason: string;
  expires: string | null;
}

/**
 * Writes approvals down: bytes, scripts, grant, reason and person in safe-install.lock; the packages with scripts also
 * where the package manager keeps its decisions. Returns what could not be said there.
 */
export async function recordApprovals(
  context: Pick<CommandContext, 'npm' | 'stateDir'>,
  approved: Approved[],
): Promise<string[]> {
  const { approveScripts, isAbout, managerFile, readApprovalLock, scriptKeys, writeApprovalLock } = await import(
    '../decide/approvals/index.js'
  );
  const root = approvalRoot(context);
  const lock = readApprovalLock(root);
  const approvals = { ...lock.approvals };
  for (const item of approved) approvals[`${item.node.name}@${item.node.version}`] = toRecord(item, context.npm.env);
  const warnings: string[] = [];
  const scripted = approved.filter(({ hasScripts }) => hasScripts);
  if (scripted.length > 0 && !context.npm.global) {
    const file = managerFile(root);
    let policy = await file.read();
    for (const keys of groupByName(scripted.map(({ node }) => scriptKeys(node)))) {
      const change = approveScripts(policy, keys);
      policy = change.policy;
      if (change.warning !== null) warnings.push(change.warning);
    }
    await file.write(policy);
  }
  const names = new Set(approved.map(({ node }) => node.name));
  const denials = Object.fromEntries(
    Object.entries(lock.denials).filter(([name]) => ![...names].some((n) => isAbout(name, n))),
  );
  await writeApprovalLock(root, { ...lock, approvals, denials });
  return warnings;
}

function toRecord(
  { node, scriptHash, grant, reason, expires }: Approved,
  env: Record<string, string | undefined>,
): ApprovalRecord {
  if (node.integrity === null) {
    throw usageError(
      `${node.name}@${node.version} has no integrity that an approval could pin: a folder may change at any time.`,
      node.location,
    );
  }
  return { integrity: node.integrity, scriptHash, grant, reason, by: decider(env), on: today(), expires };
}

function groupByName(keys: ScriptKeys[]): ScriptKeys[][] {
  const groups = new Map<string, ScriptKeys[]>();
  for (const key of keys) groups.set(key.name ?? '', [...(groups.get(key.name ?? '') ?? []), key]);
  return [...groups.values()];
}
