import { storeFolder } from '../store/index.js';
import type { Rooms } from './options.js';
import { scriptGrant } from './script-grant.js';

/** The real rooms behind the road of one project, loaded when they are needed. */
export function withDefaultRooms(given: Partial<Rooms> | undefined, projectRoot: string): Rooms {
  return {
    createScanner: async ({ stateDir, rulesFolders, policy }) => {
      const { AnalyzerPool, defaultRulesFolder } = await import('../analyze/pool/index.js');
      return new AnalyzerPool({
        rulesFolders: [defaultRulesFolder(), ...rulesFolders],
        home: stateDir,
        thresholds: policy.thresholds,
        store: storeFolder(stateDir),
        trustedKeys: policy.verdicts?.trustedKeys ?? [],
      });
    },
    requireSandbox: async (require) => {
      const { requireSandbox } = await import('../sandbox/index.js');
      await requireSandbox(require);
    },
    createSandbox: async (options) => {
      const { createSandbox } = await import('../sandbox/index.js');
      return createSandbox(options);
    },
    grantFor: ({ packageNode: { name, version }, approval }, policy) =>
      scriptGrant({ name, version, policy, approval, projectRoot }),
    extract: async (name, pin, folder, settings) => {
      const { extractPinned } = await import('../fetch/index.js');
      await extractPinned(name, pin, folder, settings);
    },
    ...given,
  };
}
