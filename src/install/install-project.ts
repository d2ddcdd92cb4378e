import { mkdir } from 'node:fs/promises';
import PackageJson from '@npmcli/package-json';
import { type AllowScripts, resolveAllowScripts } from '../decide/allow-scripts.js';
import type { InstallReport } from '../model.js';
import {
  countChanges,
  diffFromScratch,
  GuardedArborist,
  lockStays,
  type TreeDiff,
  type TreeNode,
  writtenNodes,
} from '../resolve/index.js';
import type { Ahead } from './ahead/index.js';
import { buildLockedTree, commandOptions, requireManifest } from './command.js';
import { withDefaultRooms } from './default-rooms.js';
import { fetchSettings } from './fetch-settings.js';
import { Gate } from './gate.js';
import { type Journey, makeJourney } from './journey.js';
import type { InstallOptions, Rooms } from './options.js';
import { runOwnScripts } from './own-scripts.js';
import { Placement } from './placement.js';
import { recoverProject } from './recover-project.js';
import { type KnownTree, knowTree } from './repeated/known-tree.js';
import { TreeLog } from './repeated/tree-log.js';
import { checkGrants } from './script-grant.js';
import { binFoldersOf, ScriptStage } from './script-stage.js';
import { Transaction } from './transaction.js';

/** What belongs to a command besides what it was asked for. */
export interface Around {
  /** What was begun before; null for nothing. */
  ahead?: Ahead | null;
  /** Told of a tree that was written as a whole, when all has gone well. */
  wrote?: (tree: WrittenTree) => void;
}

/** A tree that was written into an empty node_modules, as the lock file has it. */
export interface WrittenTree {
  /** Whether an `install` after it has nothing to do, and leaves the lock file as it is. */
  lockStays: boolean;
  /** What the next such install can go by without arborist; null where that needs more than can be kept. */
  known: KnownTree | null;
}

/**
 * Runs one of npm's installing commands, guarded: resolve, fetch, scan, decide, and only then write and run scripts.
 * Always resolves to a report, also for a blocked or failed install (`exitCode`, `error`); the project is then as it was.
 */
export async function installProject(options: InstallOptions, around: Around = {}): Promise<InstallReport> {
  return makeJourney(options, (journey) => travel(options, journey, around));
}

async function travel(options: InstallOptions, journey: Journey, around: Around): Promise<void> {
  const { command, npm, signal, policy, onProgress } = options;
  const { lap, warnings, events } = journey;
  const given = withDefaultRooms(options.rooms, options.npm.path);
  const { ahead = null, wrote } = around;
  const aheadStage = ahead?.stage ?? null;
  const placement = new Placement(options.stateDir, given.extract, (...job) => gate.place(...job), aheadStage);
  const rooms: Rooms = {
    ...given,
    createScanner: async (...args) => ahead?.scanner ?? given.createScanner(...args),
    allowed: (pin) => placement.allowed(pin),
    extract: (...args) => placement.extract(...args),
  };
  journey.placement = placement;
  const dryRun = npm.flat['dryRun'] === true;
  const ignoreScripts = npm.flat['ignoreScripts'] === true;
  await checkGrants(policy);
  onProgress?.({ phase: 'resolve' });

  // arborist looks at the folder before it makes it; a new global prefix has none yet
  if (npm.flat['global'] === true && !dryRun) await mkdir(npm.path, { recursive: true });
  await requireManifest(npm.path);
  if (!dryRun) await recoverProject(npm.path, warnings);
  const allowScripts = await readAllowScripts(options, warnings);
  const arboristOptions = await commandOptions(options, allowScripts);
  const transaction = new Transaction();
  const own = new Set([npm.path]);
  const begin = async (): Promise<void> => {
    for (const folder of workspaceFolders(arborist)) {
      own.add(folder);
    }
    await transaction.begin([...own], binFoldersOf(arborist.idealTree?.inventory.values() ?? [], own));
  };
  const requireSandbox = async (): Promise<void> => {
    if (!dryRun && !ignoreScripts && gate.hasScriptsToRun()) {
      await rooms.requireSandbox(policy.sandbox.require);
      signal?.throwIfAborted();
      stage.prepare();
    }
    signal?.throwIfAborted();
  };
  const warmUp = async (): Promise<void> => {
    // Where threads of their own write, the scanner's start with what has to be read.
    if (!dryRun && aheadStage === null) await gate.warmUp();
  };
  let whole: { written: TreeNode[]; lockStays: boolean } | null = null;
  const said = new TreeLog();
  const arborist: GuardedArborist = new GuardedArborist(arboristOptions, {
    admit: async (diff) => {
      lap('resolve');
      const written = new Set(writtenNodes(diff));
      if (written.size > 0) await warmUp();
      const kept = diff.unchanged.filter((node) => !written.has(node));
      await gate.admit([
        ...[...written].map((node) => ({ node, written: true })),
        ...kept.map((node) => ({ node, written: false })),
      ]);
      lap('scan');
      if (wrote !== undefined && command === 'install' && isFirst(diff)) {
        whole = { written: [...written], lockStays: await lockStays(arborist) };
      }
      await transaction.watchLinks([...written].filter(({ isLink }) => isLink).map(({ path }) => path));
      await requireSandbox();
    },
    extract: (node) => gate.extract(node),
    build: async (nodes, tools) => {
      said.end();
      lap('write');
      signal?.throwIfAborted();
      await stage.build(nodes, tools);
      signal?.throwIfAborted();
      lap('scripts');
    },
    restoreMetadata: () => transaction.restoreMetadata(),
    commit: async () => {
      await transaction.commit();
      lap('save');
    },
  });
  const fetch = fetchSettings(arborist, npm, own);
  const gate = new Gate(options, rooms, fetch, allowScripts, warnings);
  const stage = new ScriptStage(options, rooms, gate, fetch, events, warnings);
  journey.gate = gate;
  journey.stage = stage;

  try {
    if (command === 'ci') {
      // Its threads load beside the tree: a clean install always writes.
      await warmUp();
      await buildLockedTree(arborist);
      await begin();
      lap('resolve');
      const omit = (npm.flat['omit'] as string[] | undefined) ?? [];
      const written = writtenNodes(await diffFromScratch(arborist, omit));
      await gate.admit(written.map((node) => ({ node, written: true })));
      lap('scan');
      await requireSandbox();
      if (!dryRun) {
        await transaction.retire([...own]);
        if (wrote !== undefined) whole = { written, lockStays: await lockStays(arborist) };
      }
    } else {
      const complete = dryRun || npm.flat['packageLockOnly'] === true;
      await arborist.buildIdealTree({ ...arboristOptions, complete });
      await begin();
    }
    signal?.throwIfAborted();
    await arborist.reify(arboristOptions);
    journey.changes = countChanges(arborist.diff);
    await runOwnScripts(options, journey, (arborist.diff?.children.length ?? 0) > 0);
    lap('own scripts');
  } catch (error) {
    await stage.revealBins();
    await transaction.rollBack();
    throw error;
  } finally {
    said.end();
  }
  await stage.revealBins();
  if (whole !== null) {
    const { written, lockStays } = whole;
    wrote?.({ lockStays, known: knowTree({ arborist, written, lockStays, said: said.lines, gate, fetch }) });
  }
}

/** Whether nothing was in node_modules before. */
function isFirst({ children, unchanged }: TreeDiff): boolean {
  return unchanged.length === 0 && children.every(({ action, actual }) => action === 'ADD' && actual === null);
}

async function readAllowScripts({ npm }: InstallOptions, warnings: string[]): Promise<AllowScripts> {
  const global = npm.flat['global'] === true;
  const packageJson = global
    ? null
    : await PackageJson.normalize(npm.path).then(
        ({ content }) => (content as Record<string, unknown>)['allowScripts'],
        // A missing or broken package.json is arborist's to report.
        () => null,
      );
  const { policy, warnings: said } = resolveAllowScripts({ ...npm.allowScripts, packageJson, global });
  warnings.push(...said);
  return policy;
}

function workspaceFolders(arborist: GuardedArborist): string[] {
  return [...(arborist.idealTree?.inventory.values() ?? [])]
    .filter((node) => node.isLink && node.target.isWorkspace === true)
    .map((node) => node.target.path);
}
