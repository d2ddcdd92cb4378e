import { type BubblewrapProbe, probeBubblewrap } from './bubblewrap/probe.js';
import { createBubblewrapSandbox } from './bubblewrap/sandbox.js';
import type { Sandbox, SandboxOptions } from './sandbox.js';
import { SandboxUnavailableError } from './sandbox-errors.js';

/**
 * Makes the confined place for the scripts of one install.
 *
 * @throws SandboxUnavailableError (exit code 13) where this machine offers no sandbox, with what to install or change;
 *   no script has run then.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  return createBubblewrapSandbox(options, await requireSandbox());
}

/**
 * Makes sure, before anything is written, that scripts can be confined here.
 *
 * @throws SandboxUnavailableError (exit code 13) where they cannot
 */
export async function requireSandbox(): Promise<BubblewrapProbe> {
  const probe = await probeBubblewrap();
  if (probe.bwrap === null || !probe.nested || probe.setpriv === null || probe.prlimit === null) {
    const reason = probe.obstacles.map(({ what }) => what).join('; ');
    throw new SandboxUnavailableError(
      `No sandbox can be had here, so no install script was run: ${reason}.`,
      probe.obstacles.map(({ remedy }) => remedy),
    );
  }
  return probe;
}
