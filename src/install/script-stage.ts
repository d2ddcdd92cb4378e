import { dirname, join, sep } from 'node:path';
import type { FetchSettings } from '../fetch/index.js';
import type { NetworkMetrics, SandboxEvent, ScriptRun } from '../model.js';
import type { BuildTools, TreeNode } from '../resolve/index.js';
import { locationOf, sourceKind } from '../resolve/package-node.js';
import {
  type HiddenBin,
  hideShadowingBins,
  type QueuedScript,
  revealBins,
  runLifecycle,
  runOwnScript,
  scriptEnvironment,
} from '../run/index.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Gate } from './gate.js';
import type { InstallOptions, Rooms } from './options.js';
import { ViolationError } from './outcome-errors.js';
import { sandboxOptions } from './sandbox-options.js';
import { grantAdvice } from './script-grant.js';

/** The part of an install in which scripts run. It holds the sandbox while it lives, and starts none when no script runs. */
export class ScriptStage {
  readonly runs: ScriptRun[] = [];
  readonly #options: InstallOptions;
  readonly #rooms: Rooms;
  readonly #gate: Gate;
  readonly #fetch: FetchSettings;
  readonly #events: SandboxEvent[];
  readonly #warnings: string[];
  #sandbox: Promise<Sandbox> | null = null;
  #hidden: HiddenBin[] = [];
  #started = 0;

  constructor(
    options: InstallOptions,
    rooms: Rooms,
    gate: Gate,
    fetch: FetchSettings,
    events: SandboxEvent[],
    warnings: string[],
  ) {
    this.#options = options;
    this.#rooms = rooms;
    this.#gate = gate;
    this.#fetch = fetch;
    this.#events = events;
    this.#warnings = warnings;
  }

  /** Makes the sandbox while packages are being unpacked; what fails is met again by the first script. */
  prepare(): void {
    void this.#open().catch(() => undefined);
  }

  /** Runs the lifecycle scripts of nodes and links their bins, in npm's order. */
  async build(nodes: TreeNode[], tools: BuildTools): Promise<void> {
    const { npm, signal } = this.#options;
    const binFolders = binFoldersOf(nodes, this.#fetch.ownFolders);
    void this.#sandbox?.then((sandbox) => sandbox.warmUp?.()).catch(() => undefined);
    const allowed = new Map<TreeNode, boolean>();
    for (const node of nodes) {
      allowed.set(node, await this.#mayRun(node));
    }
    const hide = async (): Promise<void> => {
      for (const folder of binFolders) {
        this.#note(await hideShadowingBins(folder));
      }
    };
    await hide();
    await runLifecycle(nodes, tools, {
      ignoreScripts: npm.flat['ignoreScripts'] === true,
      binLinks: npm.flat['binLinks'] !== false,
      foreground: npm.flat['foregroundScripts'] === true,
      global: npm.flat['global'] === true,
      mayRun: (node, event) => {
        const entry = this.#gate.entryFor(node);
        // An unprepared git dependency has its development dependencies nowhere: `prepare` runs only on a person's word.
        if (event === 'prepare' && entry?.packageNode.source === 'git' && entry.decision.approval !== 'approved') {
          this.#warnings.push(
            `prepare of ${entry.packageNode.name} (git) was not run: approve its scripts to run it in the sandbox.`,
          );
          return false;
        }
        return allowed.get(node) ?? entry?.decision.runScripts ?? false;
      },
      hasPrepare: (node) =>
        !node.isLink && ['git', 'directory'].includes(this.#gate.entryFor(node)?.packageNode.source ?? ''),
      run: (script, abort) => this.#run(script, abort),
      afterBins: hide,
      signal,
    });
  }

  /** Brings bins back that were put aside while scripts ran. */
  async revealBins(): Promise<void> {
    const hidden = this.#hidden;
    this.#hidden = [];
    await revealBins(hidden);
  }

  /** Ends the sandbox. Returns what its way out carried, where it was needed. */
  async close(): Promise<NetworkMetrics | undefined> {
    const sandbox = await this.#sandbox?.catch(() => null);
    const carried = this.runs.some((run) => run.sandbox !== 'none') ? sandbox?.metrics?.() : undefined;
    await sandbox?.close();
    return carried;
  }

  async #mayRun(node: TreeNode): Promise<boolean> {
    const decision = await this.#gate.decisionFor(node);
    return decision === null ? this.#isOwn(node) : decision.runScripts;
  }

  async #run(script: QueuedScript, signal: AbortSignal): Promise<ScriptRun> {
    const { node, event, command } = script;
    const { npm, policy, onProgress } = this.#options;
    const name = node.target.packageName ?? node.name;
    const id = `${name}@${node.target.version}`;
    this.#started += 1;
    onProgress?.({ phase: 'scripts', done: this.#started, total: this.#total(), package: id, event });
    const env = scriptEnvironment(script, {
      env: npm.env,
      npmExecPath: npm.npmExecPath,
      command: this.#options.command,
    });
    const foreground = npm.flat['foregroundScripts'] === true;
    if (this.#isOwn(node)) {
      const run = await runOwnScript(script, env, foreground ? 'inherit' : 'pipe', npm.flat['scriptShell'] as string);
      this.runs.push(run);
      return run;
    }
    const entry = this.#gate.entryFor(node);
    if (entry === null) {
      throw new TypeError(`${node.location} has a script, and was not admitted`);
    }
    const sandbox = await this.#open();
    const before = this.#events.length;
    const run = await sandbox.run(
      {
        package: id,
        location: locationOf(node),
        event,
        command,
        cwd: node.target.realpath,
        env,
        stdio: foreground ? 'inherit' : 'pipe',
        trace: this.#options.trace?.(id) === true,
        signal,
      },
      await this.#rooms.grantFor(entry, policy),
    );
    this.runs.push(run);
    const advice = await grantAdvice(run, this.#events.slice(before), policy);
    if (advice !== null) this.#warnings.push(advice);
    if (run.violation !== undefined) {
      throw new ViolationError(run, run.violation);
    }
    return run;
  }

  #open(): Promise<Sandbox> {
    this.#sandbox ??= this.#rooms.createSandbox({
      ...sandboxOptions(this.#options, this.#fetch, [...this.#fetch.ownFolders]),
      scanTarball: (tarball, url) => this.#gate.scanBytes(tarball, url),
      onEvent: (event) => this.#events.push(event),
    });
    return this.#sandbox;
  }

  // Workspaces are the user's own code, as the project is: their scripts run on the host.
  #isOwn(node: TreeNode): boolean {
    return sourceKind(node, this.#fetch) === 'workspace';
  }

  #total(): number {
    const planned = this.#gate.admitted
      .filter(({ decision, written, node }) => decision.runScripts && (written || node.isLink))
      .reduce((sum, { scripts }) => sum + scripts.length, 0);
    return Math.max(planned, this.#started);
  }

  #note(hidden: readonly HiddenBin[]): void {
    for (const bin of hidden) {
      this.#hidden.push(bin);
      this.#events.push({
        time: new Date().toISOString(),
        package: bin.package,
        script: '',
        class: 'bin-shadow',
        target: bin.name,
        action: 'reported',
        evidence: `the bin ${bin.name} is called like a tool that scripts start; it was put aside while scripts ran`,
      });
    }
  }
}

/** Folders whose bins stand in the PATH of scripts: the `.bin` of every node_modules folder of a tree. */
export function binFoldersOf(nodes: Iterable<TreeNode>, roots: Iterable<string>): string[] {
  const marker = `${sep}node_modules${sep}`;
  const folders = new Set([...roots].map((root) => join(root, 'node_modules', '.bin')));
  for (const { path, binPaths } of nodes) {
    // Global installs link into the prefix.
    for (const bin of binPaths) {
      folders.add(dirname(bin));
    }
    const at = path.lastIndexOf(marker);
    if (at >= 0) {
      folders.add(join(path.slice(0, at), 'node_modules', '.bin'));
    }
  }
  return [...folders];
}
