import { gainsFromComparison } from '../analyze/compare/index.js';
import { type AllowScripts, decide, isAllowed, scriptHash } from '../decide/index.js';
import { forEachLimited } from '../fetch/concurrency.js';
import { findContent, type PinnedTarball } from '../fetch/content.js';
import type { FetchSettings } from '../fetch/index.js';
import type {
  ComparedWith,
  Decision,
  Finding,
  PackageNode,
  PackageSourceKind,
  ScriptApproval,
  Verdict,
} from '../model.js';
import type { TreeNode } from '../resolve/index.js';
import { toPackageNode } from '../resolve/package-node.js';
import { type LifecycleScript, scriptsOf } from '../run/scripts-of.js';
import { applyExceptions, judgeInContext } from './exceptions.js';
import { type ToAdmit, unreadFirst } from './fetch-order.js';
import type { InstallOptions, ProgressEvent, RecordedApproval, Scanner, ScanTarget } from './options.js';
import type { FindVersionBefore, VersionBefore } from './version-before.js';

const FETCHES_AT_ONCE = 24;

/** One node after the gate: its pinned bytes, what the scan says, what was decided. */
export interface Admitted {
  node: TreeNode;
  packageNode: PackageNode;
  /** Null for links, whose folder is read where it stands. */
  pin: PinnedTarball | null;
  verdict: Verdict;
  scripts: LifecycleScript[];
  scriptHash: string;
  decision: Decision;
  /** The verdict is `review`, and nobody has looked at these bytes. */
  pending: boolean;
  approval: RecordedApproval | null;
  /** Findings that an exception of the policy silences. */
  excepted: Finding[];
  /** The version before that its verdict takes into account; null for none. */
  comparedWith: ComparedWith | null;
  /** False for packages that are in node_modules already. */
  written: boolean;
}

/** An optional package that could not be fetched; npm leaves it out. */
export interface Unavailable {
  node: TreeNode;
  error: unknown;
}

export interface AdmissionSettings {
  fetch: FetchSettings;
  scanner: Scanner;
  allowScripts: AllowScripts;
  /** npm's `dangerously-allow-all-scripts`: counts as approved; the sandbox and the scan stay. */
  allowAll: boolean;
  policy: InstallOptions['policy'];
  /** Finds the version before of a package whose evidence may weigh more beside it. */
  versionBefore: FindVersionBefore;
  /** Told of what is allowed and will be written. */
  allowed?: (pin: PinnedTarball) => void;
  /** The scripts of a package whose very bytes were read before; undefined where they were not. */
  knownScripts?: (node: TreeNode) => LifecycleScript[] | undefined;
  approvals: readonly RecordedApproval[];
  onProgress: (event: ProgressEvent) => void;
  signal: AbortSignal | undefined;
}

/** Fetches, scans and decides on nodes: each tarball once, scanned in workers while others still arrive. */
export async function admitNodes(
  nodes: readonly ToAdmit[],
  settings: AdmissionSettings,
): Promise<{ admitted: Admitted[]; unavailable: Unavailable[]; unread: number }> {
  const { fetch, scanner, onProgress, signal } = settings;
  const admitted: (Admitted | null)[] = nodes.map(() => null);
  const unavailable: Unavailable[] = [];
  const scans = new Map<string, Promise<Verdict>>();
  const pending: Promise<void>[] = [];
  const total = nodes.length;
  let fetched = 0;
  let scanned = 0;
  let fromCache = 0;
  let unread = 0;
  // A failed scan is thrown once everything that was begun has ended.
  let scanFailure: unknown = null;

  await forEachLimited(unreadFirst(nodes, scanner), FETCHES_AT_ONCE, async ({ node, written, source: kind, index }) => {
    signal?.throwIfAborted();
    const packageNode = toPackageNode(node, fetch, kind);
    const { name, version, source } = packageNode;
    const pin = await bring(node, written, fetch, unavailable);
    fetched += 1;
    onProgress({ phase: 'fetch', done: fetched, total, name });
    if (pin === 'unavailable') {
      return;
    }
    if (pin === 'unread') {
      unread += 1;
      return;
    }
    const target =
      pin === null
        ? ({ kind: 'folder', folder: node.target.realpath, source, name, version } as const)
        : ({ kind: 'tarball', ...pin, source, name, version } as const);
    const key = pin === null ? node.target.realpath : `${pin.integrity} ${source} ${name}@${version}`;
    const scan = scans.get(key) ?? scanOrRepair(node, pin, target, settings);
    scans.set(key, scan);
    const settled = scan.then(async (verdict) => {
      const scripts = settings.knownScripts?.(node) ?? (await readScripts(packageNode.source, node, pin, verdict));
      const before = await versionBeforeOf(verdict, packageNode, pin, settings);
      const entry = { ...settle(node, packageNode, pin, verdict, before, scripts, settings), written };
      admitted[index] = entry;
      if (written && pin !== null && entry.decision.action === 'allow') settings.allowed?.(pin);
      scanned += 1;
      fromCache += verdict.stats.fromCache ? 1 : 0;
      onProgress({ phase: 'scan', done: scanned, total, fromCache, name });
    });
    pending.push(
      settled.catch((error: unknown) => {
        scanFailure ??= error;
      }),
    );
  });
  await Promise.all(pending);
  if (scanFailure !== null) {
    throw scanFailure;
  }
  return { admitted: admitted.filter((entry) => entry !== null), unavailable, unread };
}

// Content of npm's cache that has rotted is fetched anew, once, as npm does; it has to be what the first hash said.
async function scanOrRepair(
  node: TreeNode,
  pin: PinnedTarball | null,
  target: ScanTarget,
  { scanner, fetch }: AdmissionSettings,
): Promise<Verdict> {
  try {
    return await scanner.scan(target);
  } catch (error) {
    if (pin === null || (error as NodeJS.ErrnoException).code !== 'EINTEGRITY') {
      throw error;
    }
    const { dropContent } = await import('../fetch/write-content.js');
    await dropContent(fetch.cache, pin);
    const again = await fetched(node, fetch);
    if (again.integrity !== pin.integrity) {
      throw error;
    }
    return scanner.scan(target);
  }
}

/** Decides again for a package whose scripts were found only when it was unpacked. */
export function decideWithScripts(entry: Admitted, settings: AdmissionSettings): Decision {
  return decide({
    verdict: entry.verdict,
    hasScripts: true,
    approval: entry.decision.approval,
    reviewed: false,
    scripts: settings.policy.scripts,
  }).decision;
}

// What is said of most packages leaves nothing to compare: they cost nothing here.
async function versionBeforeOf(
  verdict: Verdict,
  packageNode: PackageNode,
  pin: PinnedTarball | null,
  { policy, versionBefore }: AdmissionSettings,
): Promise<VersionBefore | null> {
  if (pin === null || !gainsFromComparison(applyExceptions(verdict, packageNode, policy))) {
    return null;
  }
  return versionBefore({ ...packageNode, integrity: pin.integrity });
}

// Arborist and pacote are loaded only for what has to be fetched.
async function fetched(node: TreeNode, fetch: FetchSettings): Promise<PinnedTarball> {
  return (await import('../fetch/tarball.js')).fetchTarball(node, fetch);
}

async function bring(
  node: TreeNode,
  written: boolean,
  fetch: FetchSettings,
  unavailable: Unavailable[],
): Promise<PinnedTarball | null | 'unavailable' | 'unread'> {
  if (node.isLink) {
    return null;
  }
  if (!written) {
    return (await findContent(fetch.cache, node.integrity)) ?? 'unread';
  }
  try {
    return (await findContent(fetch.cache, node.integrity)) ?? (await fetched(node, fetch));
  } catch (error) {
    if (!node.optional) {
      throw error;
    }
    unavailable.push({ node, error });
    return 'unavailable';
  }
}

function settle(
  node: TreeNode,
  packageNode: PackageNode,
  pin: PinnedTarball | null,
  alone: Verdict,
  before: VersionBefore | null,
  scripts: LifecycleScript[],
  settings: AdmissionSettings,
): Omit<Admitted, 'written'> {
  const { policy, approvals } = settings;
  const { verdict, excepted } = judgeInContext(alone, before, packageNode, policy);
  const hash = scriptHash(scripts);
  const id = `${packageNode.name}@${packageNode.version}`;
  const integrity = pin?.integrity ?? null;
  const mine = approvals.filter((approval) => approval.package === id);
  const recorded =
    mine.find((approval) => !approval.ended && approval.integrity === integrity && approval.scriptHash === hash) ??
    null;
  const lapsed = recorded === null && mine.some(({ ended }) => ended);
  const { decision, pending } = decide({
    verdict,
    hasScripts: scripts.length > 0,
    approval: approvalOf(node, lapsed ? 'lapsed' : recorded === null ? 'none' : 'held', settings),
    reviewed: recorded !== null,
    scripts: policy.scripts,
  });
  return {
    node,
    packageNode,
    pin,
    verdict,
    scripts,
    scriptHash: hash,
    decision,
    pending,
    approval: recorded,
    excepted,
    comparedWith: before && { version: before.version, from: before.from },
  };
}

function approvalOf(
  node: TreeNode,
  recorded: 'held' | 'lapsed' | 'none',
  { allowScripts, allowAll }: AdmissionSettings,
): ScriptApproval {
  if (allowAll) {
    return 'approved';
  }
  const said = isAllowed(node, allowScripts);
  if (said === false) {
    return 'denied';
  }
  // npm's table cannot hold a last day: where ours has passed, npm's yes has, too
  if (recorded === 'lapsed') {
    return 'unreviewed';
  }
  return said === true || recorded === 'held' ? 'approved' : 'unreviewed';
}

async function readScripts(
  source: PackageSourceKind,
  node: TreeNode,
  pin: PinnedTarball | null,
  verdict: Verdict,
): Promise<LifecycleScript[]> {
  if (pin === null) {
    const { readFolderManifest } = await import('./folder-manifest.js');
    return scriptsOf(source, await readFolderManifest(node.target.realpath));
  }
  const told = node.hasInstallScript || verdict.capabilities.some((capability) => capability.startsWith('script:'));
  if (!told) return [];
  if (verdict.lifecycle !== undefined) return scriptsOf(source, verdict.lifecycle);
  const { readTarballManifest } = await import('../fetch/manifest.js');
  return scriptsOf(source, await readTarballManifest(pin.file));
}
