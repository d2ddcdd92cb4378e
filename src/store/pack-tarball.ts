import type { Pack, PackFile } from './pack-format.js';

/** A tarball as the analyzer read it: the very bytes that were scanned. */
export interface ScannedTarball {
  /** `sha512-…` of the tarball. */
  integrity: string | null;
  files: ReadonlyMap<string, Uint8Array>;
  /** Modes of the tar entries, by path; of the first where a path occurs more than once. */
  modes: ReadonlyMap<string, number>;
  /**
   * True when every entry is a plain file or folder with a plain path. Links, absolute or climbing paths, damaged
   * archives and whatever else npm's extraction has rules of its own for are false, and stay with npm's extraction.
   */
  plain: boolean;
}

/**
 * What npm's extraction would write for a scanned tarball; null for the few tarballs whose result depends on more than
 * their entries (case-insensitive file systems, files that are also folders), which npm's own extraction then handles.
 */
export function packTarball(tarball: ScannedTarball): Pack | null {
  if (!tarball.plain || tarball.integrity === null) return null;
  const files = new Map<string, PackFile>();
  for (const [path, content] of tarball.files) {
    const target = writtenPath(path);
    const before = files.get(target);
    if (before !== undefined && target !== path) continue;
    files.set(target, { path: target, mode: before?.mode ?? tarball.modes.get(path) ?? 0o644, content });
  }
  const folders = parentFolders([...files.keys()]);
  if (collides([...files.keys(), ...folders])) return null;
  return { integrity: tarball.integrity, folders, files: [...files.values()] };
}

// npm extracts a .gitignore as .npmignore, unless there was an .npmignore before; one that comes later writes into its file.
function writtenPath(path: string): string {
  if (path !== '.gitignore' && !path.endsWith('/.gitignore')) return path;
  return `${path.slice(0, -'.gitignore'.length)}.npmignore`;
}

// Entries for folders do not count: npm's extraction leaves them out, and with them empty folders.
function parentFolders(files: string[]): string[] {
  const folders = new Set<string>();
  for (const path of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return [...folders].sort();
}

// Two paths that some file system takes for one, or a file that is also a folder.
function collides(paths: string[]): boolean {
  const folded = new Set(paths.map((path) => path.normalize('NFKD').toLowerCase()));
  return folded.size !== paths.length;
}
