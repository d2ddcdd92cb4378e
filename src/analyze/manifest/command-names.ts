import type { Manifest } from './read-manifest.js';

/** What the commands of a package are called, where its manifest gives them names of their own. */
export function commandNames({ bin }: Pick<Manifest, 'bin'>): string[] {
  return typeof bin === 'object' && bin !== null ? Object.keys(bin) : [];
}
