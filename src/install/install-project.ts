import { mkdir } from 'node:fs/promises';
import PackageJson from '@npmcli/package-json';
import { type AllowScripts, resolveAllowScripts } from '../decide/index.js';
import type { InstallReport, NetworkMetrics, SandboxEvent, ScriptRun } from '../model.js';
import { countChanges, diffFromScratch, GuardedArborist, lockStays, writtenNodes } from '../resolve/index.js';
import { DEPENDENCY_EVENTS, ROOT_EVENTS, runRootScripts } from '../run/index.js';
import type { Ahead } from './ahead/index.js';
import { buildLockedTree, commandOptions, requireManifest } from './command.js';
import { withDefaultRooms } from './default-rooms.js';
import { fetchSettings } from './fetch-settings.js';
import { Gate } from './gate.js';
import { withHostPath } from './host-path.js';
import { describeError } from './npm-error.js';
import type { InstallOptions, Rooms } from './options.js';
import { InterruptedError } from './outcome-errors.js';
import { Placement } from './placement.js';
import { recoverProject } from './recover-project.js';
import { reportPackages, startTimer, toolName } from './report.js';
import { checkGrants } from './script-grant.js';
import { binFoldersOf, ScriptStage } from './script-stage.js';
import { Transaction } from './transaction.js';

/** What a command has gathered so far; the report is made of it, however the command ends. */
interface Journey {
  gate: Gate | null;
  placement: Placement | null;
  stage: ScriptStage | null;
  ownRuns: ScriptRun[];
  events: SandboxEvent[];
  warnings: string[];
  changes: InstallReport['changes'];
  lap: (name: string) => void;
}

/** What belongs to a command besides what it was asked for. */
export interface Around {
  /** What was begun before; null for nothing. */
  ahead?: Ahead | null;
  /** Told by `ci` where an `install` after it would have nothing to do, if all goes well. */
  lockStays?: () => void;
}

const NO_CHANGES = { added: 0, removed: 0, changed: 0 };

/**
 * Runs one of npm's installing commands, guarded: resolve, fetch, scan, decide, and only then write and run scripts.
 * Always resolves to a report, also for a blocked or failed install (`exitCode`, `error`); the project is then as it was.
 */
export async function installProject(options: InstallOptions, around: Around = {}): Promise<InstallReport> {
  const { laps, lap, total } = startTimer();
  const journey: Journey = {
    gate: null,
    placement: null,
    stage: null,
    ownRuns: [],
    events: [],
    warnings: [],
    changes: NO_CHANGES,
    lap,
  };
  let failure: ReturnType<typeof describeError> | null = null;
  let network: NetworkMetrics | undefined;
  try {
    await withHostPath(() => travel(options, journey, around));
  } catch (error) {
    failure = describeError(options.signal?.aborted === true ? new InterruptedError() : error);
  } finally {
    network = await journey.stage?.close();
    await journey.gate?.close();
    await journey.placement?.close();
  }
  total();
  return {
    schema: 1,
    tool: await toolName(),
    command: options.command,
    exitCode: failure?.exitCode ?? 0,
    dryRun: options.npm.flat['dryRun'] === true,
    packages: reportPackages(journey.gate?.admitted ?? []),
    changes: journey.changes,
    scripts: [...(journey.stage?.runs ?? []), ...journey.ownRuns],
    events: journey.events,
    ...(network === undefined ? {} : { network }),
    warnings: journey.warnings,
    error: failure?.entry ?? null,
    timings: laps,
  };
}

async function travel(options: InstallOptions, journey: Journey, around: Around): Promise<void> {
  const { command, npm, signal, policy, onProgress } = options;
  const { lap, warnings, events } = journey;
  const given = withDefaultRooms(options.rooms, options.npm.path);
  const { ahead = null, lockStays: tellLockStays } = around;
  const aheadStage = ahead?.stage ?? null;
  const placement = new Placement(options.stateDir, given.extract, (...job) => gate.place(...job), aheadStage);
  const rooms: Rooms = {
    ...given,
    createScanner: async (...args) => ahead?.scanner ?? given.createScanner(...args),
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
      await transaction.watchLinks([...written].filter(({ isLink }) => isLink).map(({ path }) => path));
      await requireSandbox();
    },
    extract: (node) => gate.extract(node),
    build: async (nodes, tools) => {
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
        if (tellLockStays !== undefined && (await lockStays(arborist))) tellLockStays();
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
  }
  await stage.revealBins();
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

// npm runs the project's own scripts after `ci` and a bare `install`, and `dependencies` where the tree has changed.
async function runOwnScripts(options: InstallOptions, journey: Journey, treeChanged: boolean): Promise<void> {
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

function workspaceFolders(arborist: GuardedArborist): string[] {
  return [...(arborist.idealTree?.inventory.values() ?? [])]
    .filter((node) => node.isLink && node.target.isWorkspace === true)
    .map((node) => node.target.path);
}
