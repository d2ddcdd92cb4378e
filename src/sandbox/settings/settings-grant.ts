import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Grant, Limits } from '../sandbox.js';
import { absolutePath, type PathBase, realPath, resolvePathRule } from './path-rule.js';
import { accessAt, covers, listeningSockets, type PathLists, placesOf } from './places.js';
import type { Settings } from './schema.js';

export interface SettingsContext extends PathBase {
  limits: Limits;
  /**
   * `command`: sandbox-runtime's meaning, the machine's files are readable but for denyRead. `script`: on top of a lifecycle
   * script's own grant, which reads by allow-list; the settings only add to it and take from it.
   */
  base: 'command' | 'script';
  /** Folders and files of the toolchain: they stay readable where the settings hide what is around them (`~/.nvm`). */
  toolchain: readonly string[];
  /** Command line that `ignoreViolations` patterns are compared with. */
  command: string;
}

/** Folders of the root that a sandbox has its own of, or that lead to the machine itself. */
const OWN = new Set(['proc', 'dev', 'sys', 'run', 'tmp', 'lost+found', 'boot', 'etc', 'usr', 'bin', 'sbin']);

/** Turns settings into a grant, with every path rule resolved against the files as they are now. */
export function settingsToGrant(settings: Settings, context: SettingsContext): Grant {
  const { network, filesystem } = settings;
  const resolveAll = (rules: Settings['filesystem']['denyRead']) =>
    rules.flatMap((rule) => resolvePathRule(rule, context));
  const lists: PathLists = {
    denyRead: resolveAll(filesystem.denyRead),
    allowRead: resolveAll(filesystem.allowRead),
    allowWrite: resolveAll(filesystem.allowWrite),
    denyWrite: resolveAll(filesystem.denyWrite),
  };
  const whole = context.base === 'command';
  const allowedSockets = network.allowUnixSockets.map((socket) => realPath(absolutePath(socket, context)));
  const places = placesOf(lists, whole);
  const visible = (path: string) => accessAt(path, lists, whole) !== 'hidden';
  for (const socket of listeningSockets()) {
    if (!allowedSockets.includes(realPath(socket)) && visible(realPath(socket))) {
      places.push({ path: realPath(socket), access: 'hidden' });
    }
  }
  for (const tool of context.toolchain) {
    if (whole && !visible(realPath(tool))) places.push({ path: realPath(tool), access: 'read' });
  }
  for (const socket of allowedSockets) places.push({ path: socket, access: 'write' });
  const ignored = Object.entries(settings.ignoreViolations).filter(
    ([pattern]) => pattern === '*' || context.command.includes(pattern),
  );
  return {
    readable: whole ? topFolders().filter((path) => visible(path) || places.some((p) => covers(path, p.path))) : [],
    writable: [],
    hosts: network.allowedDomains,
    deniedHosts: network.deniedDomains,
    env: [],
    limits: context.limits,
    places,
    protectedDepth: settings.mandatoryDenySearchDepth,
    ignoreViolations: ignored.flatMap(([, paths]) => paths.map((path) => absolutePath(path, context))),
    localBinding: network.allowLocalBinding,
  };
}

function topFolders(): string[] {
  return readdirSync('/', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OWN.has(entry.name) && !/^lib\w*$/.test(entry.name))
    .map((entry) => join('/', entry.name));
}
