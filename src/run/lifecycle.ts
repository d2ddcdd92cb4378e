import { availableParallelism } from 'node:os';
import { SafeInstallError } from '../errors.js';
import { forEachLimited } from '../fetch/concurrency.js';
import type { LifecycleEvent, ScriptRun } from '../model.js';
import type { BuildTools, TreeNode } from '../resolve/index.js';
import { buildQueues, type QueuedScript, type Queues, splitPasses } from './queue.js';
import { ScriptFailedError } from './script-failed-error.js';

/** How the lifecycle runner reaches the rest of the road. */
export interface LifecycleOptions {
  ignoreScripts: boolean;
  binLinks: boolean;
  foreground: boolean;
  global: boolean;
  /** Whether this node's script may run at all. */
  mayRun(node: TreeNode, event: LifecycleEvent): boolean;
  /** Whether npm runs `prepare` for a node that is not a link (git dependencies, folders that were packed). */
  hasPrepare(node: TreeNode): boolean;
  /** Runs one script, confined; a failing script is a result. */
  run(script: QueuedScript, signal: AbortSignal): Promise<ScriptRun>;
  /** Called when bins were linked, before anything can run by their names. */
  afterBins(): Promise<void>;
  signal?: AbortSignal | undefined;
}

/**
 * Builds the tree as npm's `rebuild` does inside `reify`: packages, then links; in each by phase and not by package: preinstall,
 * (of links: prepare), bins, install, postinstall; in a phase by depth, then path. An optional package's failure drops its
 * optional set, any other rejects when all running scripts have ended.
 * @throws ScriptFailedError
 */
export async function runLifecycle(
  nodes: readonly TreeNode[],
  tools: BuildTools,
  options: LifecycleOptions,
): Promise<void> {
  const { packages, links } = splitPasses(nodes, options.global);
  await buildPass(packages, false, tools, options);
  if (links.length > 0) {
    await buildPass(links, true, tools, options);
  }
}

async function buildPass(
  nodes: TreeNode[],
  areLinks: boolean,
  tools: BuildTools,
  options: LifecycleOptions,
): Promise<void> {
  const none: Queues = { preinstall: [], prepare: [], install: [], postinstall: [] };
  const queues = options.ignoreScripts
    ? none
    : await buildQueues(nodes, (node) => areLinks || options.hasPrepare(node));
  await runPhase(queues.preinstall, tools, options);
  if (areLinks) {
    await runPhase(queues.prepare, tools, options);
  }
  if (options.binLinks) {
    await tools.linkBins(nodes);
    await options.afterBins();
  }
  if (!areLinks) {
    await runPhase(queues.prepare, tools, options);
  }
  await runPhase(queues.install, tools, options);
  await runPhase(queues.postinstall, tools, options);
}

async function runPhase(queue: QueuedScript[], tools: BuildTools, options: LifecycleOptions): Promise<void> {
  const abort = new AbortController();
  const signal = options.signal === undefined ? abort.signal : AbortSignal.any([abort.signal, options.signal]);
  const limit = options.foreground ? 1 : Math.max(1, availableParallelism() - 1);
  await forEachLimited(queue, limit, async (script) => {
    const { node, event } = script;
    if (tools.isTrash(node) || !options.mayRun(node, event)) {
      return;
    }
    let refusal: unknown = null;
    const work = runOne(script, options, signal).catch((error: unknown) => {
      if (error instanceof SafeInstallError && !(error instanceof ScriptFailedError)) {
        refusal = error;
        return;
      }
      throw error;
    });
    try {
      await tools.handleOptionalFailure(node, work);
      if (refusal !== null) {
        throw refusal;
      }
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  });
}

async function runOne(script: QueuedScript, options: LifecycleOptions, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const result = await options.run(script, signal);
  if (result.exitCode !== 0) {
    throw new ScriptFailedError(result);
  }
}
