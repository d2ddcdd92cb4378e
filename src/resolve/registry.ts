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
  if (!/^https?:/.test(resolved)) {
    return resolved;
  }
  const url = new URL(resolved);
  const registry = new URL(settings.registry);
  const registryPath = registry.pathname.replace(/\/$/, '');
  const match = URL.canParse(settings.replaceRegistryHost) ? new URL(settings.replaceRegistryHost) : null;
  const matchHost = match?.hostname ?? settings.replaceRegistryHost;
  const matchPath = match?.pathname.replace(/\/$/, '') || null;
  const below = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  const hostMatches = settings.replaceRegistryHost === 'always' || matchHost === url.hostname;
  if (!hostMatches || (matchPath !== null && !below(url.pathname, matchPath))) {
    return resolved;
  }
  url.protocol = registry.protocol;
  url.hostname = registry.hostname;
  url.port = registry.port;
  if (matchPath !== null) {
    url.pathname = registryPath + url.pathname.slice(matchPath.length);
  } else if (registryPath !== '' && !below(url.pathname, registryPath)) {
    url.pathname = registryPath + url.pathname;
  }
  return url.toString();
}

/** Whether a node's tarball comes from the registry that is configured for its name. */
export function isFromRegistry(node: TreeNode, settings: RegistrySettings): boolean {
  if (!node.isRegistryDependency || !node.resolved) {
    return false;
  }
  const effective = effectiveUrl(node.resolved, settings);
  const base = registryFor(node.name, settings);
  if (!URL.canParse(effective) || !URL.canParse(base)) {
    return false;
  }
  const url = new URL(effective);
  const registry = new URL(base);
  const path = registry.pathname.replace(/\/?$/, '/');
  return url.origin === registry.origin && url.pathname.startsWith(path);
}
