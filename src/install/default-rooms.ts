import { extractPinned } from '../fetch/index.js';
import { grantFor } from './grants.js';
import type { Rooms } from './options.js';

/** The real rooms behind the road, loaded when they are needed. */
export function withDefaultRooms(given: Partial<Rooms> | undefined): Rooms {
  return {
    createScanner: async () => {
      throw new TypeError('no analyzer was given');
    },
    requireSandbox: async () => {
      const { requireSandbox } = await import('../sandbox/index.js');
      await requireSandbox();
    },
    createSandbox: async (options) => {
      const { createSandbox } = await import('../sandbox/index.js');
      return createSandbox(options);
    },
    grantFor: async ({ packageNode: { name, version }, approval }, policy) => {
      const { defaultGrant } = await import('../sandbox/index.js');
      return grantFor(name, version, defaultGrant(), policy, approval);
    },
    extract: extractPinned,
    ...given,
  };
}
