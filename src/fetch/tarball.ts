import Arborist from '@npmcli/arborist';
import pacote from 'pacote';
import { effectiveUrl, isFromRegistry, type RegistrySettings, type TreeNode } from '../resolve/index.js';
import { findContent, type PinnedTarball } from './content.js';
import { pinBytes } from './write-content.js';

/** Where and how tarballs are fetched. */
export interface FetchSettings extends RegistrySettings {
  /** Absolute folder of npm's cacache (`_cacache`). */
  cache: string;
}

/**
 * Brings one node's tarball into npm's cache, once, without running any of its code, and pins it. What is in the cache under
 * the node's integrity is not fetched again. Rejects with npm's errors: E404, EINTEGRITY, ECONNREFUSED, ENOTCACHED, …
 */
export async function fetchTarball(node: TreeNode, settings: FetchSettings): Promise<PinnedTarball> {
  const known = await findContent(settings.cache, node.integrity);
  if (known !== null) {
    return known;
  }
  const spec = specOf(node, settings);
  const options = {
    ...settings.flat,
    cache: settings.cache,
    Arborist,
    // Without it pacote runs `prepare` of git dependencies and folders, and installs their development dependencies.
    ignoreScripts: true,
    ...(node.resolved ? { resolved: node.resolved } : {}),
    ...(node.integrity ? { integrity: node.integrity } : {}),
    _isRoot: node.isRootDependency === true || [...node.edgesIn].some((edge) => edge.valid && isOwn(edge.from)),
    // pacote takes `name@url` for a remote tarball; one of the registry's own is not what `allow-remote` is about.
    ...(isFromRegistry(node, settings) ? { allowRemote: 'all' } : {}),
  } as pacote.Options;
  if (isFromRegistry(node, settings) && node.integrity) {
    // Into the cache without holding it in memory: its bytes are read from there.
    await pacote.tarball.stream(spec, drain, options);
    const cached = await findContent(settings.cache, node.integrity);
    if (cached !== null) return cached;
  }
  const bytes = await pacote.tarball(spec, options);
  const pin = await findContent(settings.cache, bytes.integrity || null);
  return pin ?? pinBytes(settings.cache, spec, bytes);
}

function isOwn(from: TreeNode | null): boolean {
  return from !== null && (from.isProjectRoot || from.isWorkspace === true);
}

function specOf(node: TreeNode, settings: RegistrySettings): string {
  return node.resolved
    ? `${node.name}@${effectiveUrl(node.resolved, settings)}`
    : `${node.package.name ?? node.name}@${node.version}`;
}

// npm-registry-fetch ends a stream when the cache has all of it, and with an error where its hash is another.
async function drain(stream: NodeJS.ReadableStream): Promise<void> {
  stream.resume();
  await (stream as unknown as { promise(): Promise<void> }).promise();
}
