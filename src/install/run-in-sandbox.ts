import { realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import PackageJson from '@npmcli/package-json';
import { scriptHash } from '../decide/index.js';
import type { FetchSettings } from '../fetch/index.js';
import type { LifecycleEvent, SandboxEvent, ScriptRun } from '../model.js';
import { ArboristBase, sourceKind, type TreeNode } from '../resolve/index.js';
import { hideShadowingBins, revealBins, scriptEnvironment, scriptsOf } from '../run/index.js';
import type { Grant, SandboxOptions, ScriptRequest } from '../sandbox/sandbox.js';
import type { Settings } from '../sandbox/settings/index.js';
import { UsageError } from './command.js';
import { withDefaultRooms } from './default-rooms.js';
import { fetchSettings } from './fetch-settings.js';
import { readFolderManifest } from './folder-manifest.js';
import { Gate } from './gate.js';
import type { InstallOptions } from './options.js';
import { sandboxOptions } from './sandbox-options.js';
import { scriptGrant } from './script-grant.js';
import { binFoldersOf } from './script-stage.js';

/** A command that a person runs in the sandbox. */
export interface SandboxedCommand
  extends Pick<InstallOptions, 'npm' | 'policy' | 'approvals' | 'stateDir' | 'rulesFolders' | 'rooms'> {
  /** Text for `/bin/sh -c`. */
  command: string;
  /** Record what it does with strace, where it is there. */
  trace?: boolean;
  onEvent: (event: SandboxEvent) => void;
  /** Aborted with the reason `SIGINT` or `SIGTERM`. */
  signal?: AbortSignal;
}

/**
 * Runs a command exactly as a lifecycle script of an installed package is run: its working directory, environment, grant,
 * decoys, limits and clean-up.
 *
 * @param folder the package's folder inside a node_modules of the project `options.npm.path`
 * @throws UsageError where the folder is no package of the project's tree
 */
export async function runAsPackage(
  folder: string,
  event: LifecycleEvent,
  options: SandboxedCommand,
): Promise<ScriptRun> {
  const { npm, policy, approvals, command, signal } = options;
  const arborist = new ArboristBase({ ...npm.flat, path: npm.path });
  const tree = (await arborist.loadActual()) as unknown as TreeNode;
  const nodes = [...tree.inventory.values()];
  const real = realpathSync(folder);
  const node = nodes.find(({ path, isLink }) => !isLink && realpathSync(path) === real);
  if (node === undefined || node.isProjectRoot || node.isWorkspace === true) {
    throw new UsageError(`${folder} is no dependency that is installed in ${npm.path}.`, 'ENOTINSTALLED', [
      'Name the folder of a package inside node_modules.',
    ]);
  }
  const fetch = fetchSettings(arborist, npm);
  const name = node.packageName ?? node.name;
  const id = `${name}@${node.version}`;
  const scripts = scriptsOf(sourceKind(node, fetch), await readFolderManifest(real));
  const hash = scriptHash(scripts);
  const approval = approvals.find(
    (known) => !known.ended && known.package === id && known.integrity === node.integrity && known.scriptHash === hash,
  );
  const grant = await scriptGrant({
    name,
    version: node.version,
    policy,
    approval: approval ?? null,
    projectRoot: npm.path,
  });
  const manifest = (await PackageJson.normalize(real)).content as Record<string, unknown>;
  const env = scriptEnvironment(
    { node, event, command, manifest },
    { env: npm.env, npmExecPath: npm.npmExecPath, command: 'install' },
  );
  const roots = [
    npm.path,
    ...nodes.filter(({ isLink, target }) => isLink && target.isWorkspace).map((n) => n.target.path),
  ];
  const request: ScriptRequest = {
    package: id,
    location: node.location.replaceAll('\\', '/'),
    event,
    command,
    cwd: node.realpath,
    env,
    stdio: 'inherit',
    trace: options.trace === true,
    ...(signal === undefined ? {} : { signal }),
  };
  const hidden = [];
  try {
    for (const bins of binFoldersOf(nodes, roots)) hidden.push(...(await hideShadowingBins(bins)));
    return await runOne(request, grant, sandboxOptions(options, fetch, roots), options, fetch);
  } finally {
    await revealBins(hidden);
  }
}

/**
 * Runs any command under settings in the format of sandbox-runtime, in the current folder.
 *
 * @throws SettingsError where a pattern of the settings cannot be resolved
 */
export async function runUnderSettings(settings: Settings, cwd: string, options: SandboxedCommand): Promise<ScriptRun> {
  const { npm, command, signal } = options;
  const { defaultLimits, discoverToolchain } = await import('../sandbox/index.js');
  const { settingsToGrant } = await import('../sandbox/settings/index.js');
  const { hostMatches, normalHost } = await import('../sandbox/gateway/index.js');
  const arborist = new ArboristBase({ ...npm.flat, path: npm.path });
  const fetch = fetchSettings(arborist, npm);
  const limits = { ...defaultLimits, wallMs: NO_WALL, ...withoutUndefined(options.policy.sandbox.limits) };
  const toolchain = discoverToolchain(npm.env['PATH'] ?? '', homedir(), [cwd]).readable;
  const grant = settingsToGrant(settings, { cwd, home: homedir(), limits, base: 'command', command, toolchain });
  // A registry is reached, read-only, where the settings allow its host; else it is as closed as any other.
  const all = sandboxOptions(options, fetch, []);
  const registries = all.registries.filter(({ url }) => {
    const { hostname, port, protocol } = new URL(url);
    const at = Number(port) || (protocol === 'https:' ? 443 : 80);
    const host = normalHost(hostname) ?? '';
    return grant.hosts.some((pattern) => pattern === `${host}:${at}` || hostMatches(pattern, host, at, at));
  });
  const env = Object.fromEntries(
    Object.entries(npm.env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const request: ScriptRequest = {
    package: 'command@0.0.0',
    location: '',
    event: 'command',
    command,
    cwd: realpathSync(cwd),
    cwdWritable: false,
    env,
    stdio: 'inherit',
    trace: options.trace === true,
    ...(signal === undefined ? {} : { signal }),
  };
  // An address can only be that of a registry: nothing else is reached by address.
  const named = { ...grant, hosts: grant.hosts.filter((host) => isIP(host.replace(/:\d+$/, '')) === 0) };
  return runOne(
    request,
    named,
    {
      ...all,
      projectRoot: realpathSync(cwd),
      readable: [],
      registries,
      // A person's own command goes on without what it may not write, as under sandbox-runtime.
      consequences: { 'protected-path': 'report', ...all.consequences },
    },
    options,
    fetch,
  );
}

/** A person's own command may take as long as it wants, a day at most. */
const NO_WALL = 24 * 60 * 60 * 1000;

async function runOne(
  request: ScriptRequest,
  grant: Grant,
  sandboxParts: SandboxOptions,
  options: SandboxedCommand,
  fetch: FetchSettings,
): Promise<ScriptRun> {
  const rooms = withDefaultRooms(options.rooms, options.npm.path);
  const { trace: _, ...parts } = options;
  const gate = new Gate({ ...parts, command: 'install', specs: [] }, rooms, fetch, null, []);
  const sandbox = await rooms.createSandbox({
    ...sandboxParts,
    scanTarball: (tarball, url) => gate.scanBytes(tarball, url),
    onEvent: options.onEvent,
  });
  try {
    return await sandbox.run(request, grant);
  } finally {
    await sandbox.close();
    await gate.close();
  }
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
