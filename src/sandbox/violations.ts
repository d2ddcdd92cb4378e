import type { Consequence, SandboxOptions, ViolationKind } from './sandbox.js';

/** What each violation leads to unless policy says otherwise. */
export const defaultConsequences: Readonly<Record<ViolationKind, Consequence>> = {
  canary: 'kill',
  'decoy-then-network': 'kill',
  'protected-path': 'kill',
};

/** The consequences of one sandbox: the defaults with what policy changes. */
export function consequencesOf(options: Pick<SandboxOptions, 'consequences'>): Record<ViolationKind, Consequence> {
  return { ...defaultConsequences, ...options.consequences };
}
