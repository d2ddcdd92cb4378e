import type { Policy } from '../config/index.js';
import { openSession, policyAt, type Session } from '../library/index.js';
import type { CommandContext } from './command.js';

/** The policy that holds for this command line. */
export function policyOf({ npm, flags, cwd }: CommandContext): Promise<Policy> {
  return policyAt({ npm, cwd, policyFile: flags.string('policy') });
}

/** Everything that the install room needs of this command line. */
export function sessionOf({ npm, cwd, stateDir, flags }: CommandContext): Promise<Session> {
  return openSession({ npm, cwd, stateDir, policyFile: flags.string('policy') });
}
