import type { FetchSettings } from '../fetch/index.js';
import type { ArboristInstance } from '../resolve/index.js';
import type { NpmSettings } from './options.js';

/** Where tarballs come from, as arborist has resolved npm's configuration. */
export function fetchSettings(
  arborist: Pick<ArboristInstance, 'options' | 'registry'>,
  { flat, path }: Pick<NpmSettings, 'flat' | 'path'>,
  ownFolders: ReadonlySet<string> = new Set([path]),
): FetchSettings {
  return {
    cache: String(arborist.options['cache']),
    registry: arborist.registry,
    replaceRegistryHost: String(arborist.options['replaceRegistryHost']),
    flat,
    ownFolders,
  };
}
