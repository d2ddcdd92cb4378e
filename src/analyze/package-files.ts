import type { Fact } from './observation.js';

/** What stands in a package, in memory: paths are relative to the package root, with forward slashes. */
export interface PackageFiles {
  files: Map<string, Uint8Array>;
  /** Other contents that the archive holds for a path of `files`; the last entry wins at extraction, all are read. */
  variants: Map<string, Uint8Array[]>;
  modes: Map<string, number>;
  /** True when nothing in the archive needs a rule of npm's extraction: no links, roots, `..`, backslashes, limits, damage. */
  plain: boolean;
  /** Problems of the archive or folder; never thrown, so that they reach the verdict. */
  problems: Fact[];
  /** `sha512-…` of the tarball's bytes; null for folders. */
  integrity: string | null;
  bytes: number;
  entries: number;
}

/** How much of an archive or folder is read before the rest counts as a finding. */
export interface ReadLimits {
  entries: number;
  /** Unpacked bytes, all files together. */
  bytes: number;
  /** Bytes of the packed tarball. */
  packedBytes: number;
  /** Unpacked bytes per packed byte, looked at from 32 MiB unpacked on. */
  ratio: number;
  pathLength: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  entries: 60_000,
  bytes: 512 * 1024 * 1024,
  packedBytes: 256 * 1024 * 1024,
  ratio: 250,
  pathLength: 1024,
};

const decoder = new TextDecoder('utf-8', { fatal: false });

/** Text of a file, with invalid UTF-8 replaced and a byte order mark dropped. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A fact about the archive itself. */
export function archiveFact(id: string, detail: string, file: string): Fact {
  return {
    id,
    detail,
    entry: null,
    file,
    line: 0,
    steps: [{ role: 'step', file, line: 0, column: 0, note: detail }],
  };
}
