import type { Grant, ScriptRequest } from '../sandbox.js';
import type { SeatbeltTree } from './profile.js';

/** What a seatbelt tree is made of besides request and grant. */
export interface SeatbeltParts {
  tag: string;
  /** Folders that all scripts may read and start programs from: node_modules. */
  packages: readonly string[];
  /** Folders and files of the toolchain outside the system. */
  toolchain: readonly string[];
  /** Public files made for the run (certificates). */
  files: readonly string[];
  /** Private home and temporary folder. */
  own: readonly string[];
  protectedNames: readonly string[];
  proxyPort: number;
}

/** Puts request, grant and the run's own folders together; nothing is looked up. */
export function seatbeltTree(
  request: Pick<ScriptRequest, 'cwd' | 'cwdWritable'>,
  grant: Grant,
  parts: SeatbeltParts,
): SeatbeltTree {
  const { cwd, cwdWritable = true } = request;
  const { tag, packages, toolchain, files, own, protectedNames, proxyPort } = parts;
  return {
    tag,
    readable: [...toolchain, ...packages, ...files, ...grant.readable, ...(cwdWritable ? [] : [cwd])],
    executable: [...toolchain, ...packages, ...grant.readable, ...grant.writable],
    own: cwdWritable ? [cwd, ...own] : own,
    granted: grant.writable,
    places: grant.places ?? [],
    protectedNames,
    proxyPort,
    localBinding: grant.localBinding ?? false,
  };
}
