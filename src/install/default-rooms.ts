import { extractPinned } from '../fetch/index.js';
import { grantFor } from './grants.js';
import type { Rooms } from './options.js';
import { NoSandboxError } from './outcome-errors.js';

/** The real rooms behind the road, loaded when they are needed. */
export function withDefaultRooms(given: Partial<Rooms> | undefined): Rooms {
  return {
    createScanner: async () => {
      throw new TypeError('no analyzer was given');
    },
    requireSandbox: async () => {
      throw new NoSandboxError();
    },
    createSandbox: async () => {
      throw new NoSandboxError();
    },
    grantFor: async ({ packageNode, approval }, policy) =>
      grantFor(packageNode.name, packageNode.version, NOTHING, policy, approval),
    extract: extractPinned,
    ...given,
  };
}

const NOTHING = {
  writable: [],
  readable: [],
  hosts: [],
  env: [],
  limits: {
    wallMs: 600_000,
    cpuSeconds: 600,
    processes: 256,
    memoryBytes: 4 * 1024 ** 3,
    fileBytes: 1024 ** 3,
    writtenBytes: 4 * 1024 ** 3,
    openFiles: 4096,
  },
};
