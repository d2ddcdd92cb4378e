import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import procLog from 'proc-log';
import { type AllowScripts, resolveAllowScripts } from '../../decide/allow-scripts.js';
import { SafeInstallError } from '../../errors.js';
import { forEachLimited } from '../../fetch/concurrency.js';
import type { FetchSettings } from '../../fetch/index.js';
import type { InstallReport } from '../../model.js';
import type { TreeNode } from '../../resolve/index.js';
import { nodesOfRecord } from '../../resolve/recorded-tree.js';
import type { Ahead } from '../ahead/index.js';
import { withDefaultRooms } from '../default-rooms.js';
import { Gate } from '../gate.js';
import { type Journey, makeJourney } from '../journey.js';
import type { InstallOptions, Rooms } from '../options.js';
import { runOwnScripts } from '../own-scripts.js';
import { Placement } from '../placement.js';
import { recoverTree } from '../retired-trees.js';
import { checkGrants } from '../script-grant.js';
import { binFoldersOf, ScriptStage } from '../script-stage.js';
import { Transaction } from '../transaction.js';
import type { KnownTree } from './known-tree.js';
import { linkBins } from './link-bins.js';
import { recallOf } from './recall.js';
import { sayAgain } from './tree-log.js';
import { makeFolders, removeWritten } from './written-folders.js';

/**
 * Installs a tree that is known from before, as npm would have it and without arborist: every package is looked up, decided on, written
 * and built as on the usual road. Resolves to null where that road has to be taken: nothing is left of this one then.
 */
export async function installRepeated(
  options: InstallOptions,
  known: KnownTree,
  ahead: Ahead | null,
): Promise<InstallReport | null> {
  let leaves = false;
  const report = await makeJourney(options, async (journey) => {
    try {
      await travel(options, journey, known, ahead);
    } catch (error) {
      // What a package, a script or a person has said holds on any road; what else went wrong is looked at by npm's own code.
      leaves = !(error instanceof SafeInstallError) && options.signal?.aborted !== true;
      throw error;
    }
  });
  return leaves ? null : report;
}

async function travel(options: InstallOptions, journey: Journey, known: KnownTree, ahead: Ahead | null): Promise<void> {
  const { npm, policy, signal, stateDir, onProgress } = options;
  const { lap, warnings, events } = journey;
  const root = npm.path;
  const ignoreScripts = npm.flat['ignoreScripts'] === true;
  const given = withDefaultRooms(options.rooms, root);
  const placement = new Placement(stateDir, given.extract, (...job) => gate.place(...job), ahead?.stage ?? null);
  journey.placement = placement;
  const rooms: Rooms = {
    ...given,
    createScanner: async (...args) => ahead?.scanner ?? given.createScanner(...args),
    allowed: (pin) => placement.allowed(pin),
    extract: (...args) => placement.extract(...args),
  };
  await checkGrants(policy);
  onProgress?.({ phase: 'resolve' });
  const modules = join(root, 'node_modules');
  if (await recoverTree(modules)) {
    warnings.push(`An earlier install was broken off in ${root}: its node_modules is again what it was before.`);
  }
  const nodes = nodesOfRecord(known.tree, root);
  const own = new Set([root]);
  const fetch: FetchSettings = { ...known.registry, cache: String(npm.flat['cache']), flat: npm.flat, ownFolders: own };
  const gate = new Gate(options, rooms, fetch, readAllowScripts(options, warnings), warnings, recallOf(known));
  const stage = new ScriptStage(options, rooms, gate, fetch, events, warnings);
  journey.gate = gate;
  journey.stage = stage;
  if (ahead?.stage == null) await gate.warmUp();
  procLog.log.verbose('tree', `known from before: ${nodes.length} packages are not resolved again`);
  sayAgain(known.said);
  lap('resolve');

  await gate.admit(nodes.map((node) => ({ node, written: true })));
  lap('scan');
  if (gate.admitted.length !== nodes.length) throw new OptionalFailure();
  if (!ignoreScripts && gate.hasScriptsToRun()) {
    await rooms.requireSandbox(policy.sandbox.require);
    signal?.throwIfAborted();
    stage.prepare();
  }
  signal?.throwIfAborted();

  const transaction = new Transaction();
  let writes = false;
  try {
    await transaction.begin([root], binFoldersOf(nodes, own));
    await transaction.retire([root]);
    writes = true;
    makeFolders(nodes, root);
    const extracted = forEachLimited(nodes, nodes.length, (node) => gate.extract(node));
    await Promise.all([extracted, ahead?.stage?.help()]);
    lap('write');
    signal?.throwIfAborted();
    await stage.build(nodes, { linkBins, handleOptionalFailure, isTrash: () => false });
    signal?.throwIfAborted();
    lap('scripts');
    await transaction.commit();
    writes = false;
    await writeHiddenLock(modules, known.hiddenLock);
    lap('save');
    journey.changes = { added: nodes.length, removed: 0, changed: 0 };
    await runOwnScripts(options, journey, nodes.length > 0);
    lap('own scripts');
  } catch (error) {
    await stage.revealBins();
    if (writes) await removeWritten(nodes, root);
    await transaction.rollBack();
    throw error;
  }
  await stage.revealBins();
}

/** An optional package cannot be had, or not be built: what goes with it is arborist's to find out. */
class OptionalFailure extends Error {}

async function handleOptionalFailure({ optional }: TreeNode, work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    throw optional ? new OptionalFailure() : error;
  });
}

// As the newest file of the tree: else npm takes it for older than what it lists. Without it npm looks at the tree itself.
async function writeHiddenLock(modules: string, text: string): Promise<void> {
  const file = join(modules, '.package-lock.json');
  await writeFile(file, text).catch(() => rm(file, { force: true }));
}

function readAllowScripts({ npm }: InstallOptions, warnings: string[]): AllowScripts {
  const text = readFileSync(join(npm.path, 'package.json'), 'utf8').replace(/^\uFEFF/, '');
  const { allowScripts } = JSON.parse(text) as { allowScripts?: unknown };
  const { policy, warnings: said } = resolveAllowScripts({
    ...npm.allowScripts,
    packageJson: allowScripts ?? null,
    global: false,
  });
  warnings.push(...said);
  return policy;
}
