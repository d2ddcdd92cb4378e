import type { TreeNode } from './arborist-internals.js';

/** What of npm's configuration decides where a registry tarball is fetched from. */
export interface RegistrySettings {
  /** Base URL of the default registry. */
  registry: string;
  /** npm's `replace-registry-host`: `never`, `always`, or a host; lock files name one that stands for "the configured registry". */
  replaceRegistryHost: string;
  /** npm's flat configuration, for `@scope:registry`. */
  flat: Record<string, unknown>;
  /** Absolute folders of the project and its workspaces, which are the user's own. */
  ownFolders: ReadonlySet<string>;
}

/** The registry that a package name belongs to: its scope's, or the default one. */
export function registryFor(name: string, settings: RegistrySettings): string {
  const scope = /^(@[^/]+)\//.exec(name)?.[1];
  const scoped = scope === undefined ? undefined : settings.flat[`${scope}:registry`];
  return typeof scoped === 'string' ? scoped : settings.registry;
}

/** The URL a tarball is really fetched from: the registry's host put in the place of the one in the lock file, as arborist does it. */
export function effectiveUrl(resolved: string, settings: RegistrySettings): string {
  if (!/^https?:/.test(resolved)) return resolved;
  return replaced(new URL(resolved), settings)?.toString() ?? resolved;
}

/** Whether a node's tarball comes from the registry that is configured for its name. */
export function isFromRegistry(node: TreeNode, settings: RegistrySettings): boolean {
  if (!node.resolved || !isAskedForByVersion(node)) return false;
  const registry = parsed(registryFor(node.name, settings));
  if (registry === null || !URL.canParse(node.resolved)) return false;
  const url = new URL(node.resolved);
  const effective = (/^https?:/.test(node.resolved) ? replaced(url, settings) : null) ?? url;
  const path = registry.pathname.replace(/\/?$/, '/');
  return effective.origin === registry.origin && effective.pathname.startsWith(path);
}

// Null where the host is not one that the registry's stands for.
function replaced(url: URL, { registry: base, replaceRegistryHost }: RegistrySettings): URL | null {
  const registry = parsed(base) ?? new URL(base);
  const registryPath = registry.pathname.replace(/\/$/, '');
  const match = parsed(replaceRegistryHost);
  const matchHost = match?.hostname ?? replaceRegistryHost;
  const matchPath = match?.pathname.replace(/\/$/, '') || null;
  const below = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  const hostMatches = replaceRegistryHost === 'always' || matchHost === url.hostname;
  if (!hostMatches || (matchPath !== null && !below(url.pathname, matchPath))) return null;
  const result = new URL(url);
  result.protocol = registry.protocol;
  result.hostname = registry.hostname;
  result.port = registry.port;
  if (matchPath !== null) {
    result.pathname = registryPath + result.pathname.slice(matchPath.length);
  } else if (registryPath !== '' && !below(result.pathname, registryPath)) {
    result.pathname = registryPath + result.pathname;
  }
  return result;
}

// What settings hold is asked for with every node, and a URL takes longer to parse than all else that is done with it.
const known = new Map<string, URL | null>();

function parsed(text: string): URL | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  const url = URL.canParse(text) ? new URL(text) : null;
  known.set(text, url);
  return url;
}

const ONE_VERSION = /^(?:\*|(?:\^|~|>=|<=|>|<|=)?\d{1,9}(?:\.\d{1,9}){0,2})$/;

// What arborist says, without parsing each `^1.2.3` as what might be a URL, a git host or a file.
function isAskedForByVersion(node: TreeNode): boolean {
  const edges = [...(node.edgesIn ?? [])];
  return (edges.length > 0 && edges.every(({ spec }) => ONE_VERSION.test(spec))) || node.isRegistryDependency;
}
