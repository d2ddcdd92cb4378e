import versionFromTgz from '@npmcli/arborist/lib/version-from-tgz.js';
import npa from 'npm-package-arg';
import type { PackageNode } from '../../model.js';

/** Keys of one package in npm's allowScripts: for this version, and for all versions; null where npm could not match it. */
export interface ScriptKeys {
  pinned: string | null;
  name: string | null;
}

/**
 * The keys by which npm finds a package in allowScripts. Only what the lock file pins counts (tarball URL, git commit, path),
 * never what a tarball says of itself. Without `resolved` npm cannot match a version, so there is no pinned key.
 */
export function scriptKeys({ name, resolved, source }: Pick<PackageNode, 'name' | 'resolved' | 'source'>): ScriptKeys {
  switch (source) {
    case 'registry': {
      const trusted = resolved === null ? null : versionFromTgz('', resolved);
      return trusted === null
        ? { pinned: null, name }
        : { pinned: `${trusted.name}@${trusted.version}`, name: trusted.name };
    }
    case 'git': {
      const hosted = resolved === null ? undefined : hostedOf(resolved);
      if (hosted === undefined) return { pinned: null, name: null };
      const base = hosted.shortcut({ noCommittish: true });
      return { pinned: hosted.committish ? `${base}#${hosted.committish}` : base, name: base };
    }
    case 'file':
    case 'directory':
    case 'remote':
      return { pinned: resolved, name: resolved };
    default:
      return { pinned: null, name: null };
  }
}

interface Hosted {
  committish: string | null;
  shortcut(options: { noCommittish: boolean }): string;
}

function hostedOf(resolved: string): Hosted | undefined {
  try {
    return (npa(resolved) as unknown as { hosted?: Hosted }).hosted;
  } catch {
    return undefined;
  }
}
