import type { Grant, Limits } from './sandbox.js';

const MiB = 1024 * 1024;

/** Bounds that real builds stay far below (the largest measured: a 100 s C++ build with 40 processes and 1.5 GiB). */
export const defaultLimits: Limits = {
  wallMs: 20 * 60 * 1000,
  cpuSeconds: 60 * 60,
  processes: 512,
  memoryBytes: 4096 * MiB,
  fileBytes: 2048 * MiB,
  writtenBytes: 8192 * MiB,
  openFiles: 4096,
};

/** What a script gets when nobody granted anything: its own folder, no host but the registry, the default limits. */
export function defaultGrant(limits: Partial<Limits> = {}): Grant {
  return { writable: [], readable: [], hosts: [], env: [], limits: { ...defaultLimits, ...limits } };
}
