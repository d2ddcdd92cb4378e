import { existsSync } from 'node:fs';
import { type BubblewrapProbe, probeBubblewrap } from './bubblewrap/probe.js';
import { createBubblewrapSandbox } from './bubblewrap/sandbox.js';
import type { Sandbox, SandboxOptions } from './sandbox.js';
import { SandboxUnavailableError } from './sandbox-errors.js';
import { SANDBOX_EXEC } from './seatbelt/programs.js';

let probed: Promise<BubblewrapProbe> | null = null;

/** The highest step of the ladder that this machine has: `full`, `basic`, or none. */
export function levelOf(probe: BubblewrapProbe): 'full' | 'basic' | null {
  if (probe.bwrap === null) return null;
  if (probe.nested && probe.setpriv !== null && probe.prlimit !== null) return 'full';
  return probe.namespaces ? 'basic' : null;
}

/** The error for a machine whose best step is `level`, with what to do about each obstacle. */
export function unavailable(probe: BubblewrapProbe, level: 'basic' | 'full' | null): SandboxUnavailableError {
  const reason = probe.obstacles.map(({ what }) => what).join('; ');
  const lower = level === 'basic' ? ['Or accept the weaker sandbox by policy: sandbox.require: basic'] : [];
  return new SandboxUnavailableError(
    `${level === null ? 'No sandbox' : 'Only a basic sandbox'} can be had here, so no install script was run: ${reason}.`,
    [...probe.obstacles.map(({ remedy }) => remedy), ...lower],
  );
}

/**
 * Makes sure, once a process, that a sandbox of at least that step can be had.
 *
 * @throws SandboxUnavailableError (exit code 13) with what to install or change.
 */
export async function requireSandbox(
  require: SandboxOptions['require'] = 'basic',
): Promise<{ level: 'full' | 'basic'; probe: BubblewrapProbe } | { level: 'seatbelt' }> {
  if (process.platform === 'darwin') {
    if (existsSync(SANDBOX_EXEC)) return { level: 'seatbelt' };
    throw new SandboxUnavailableError(`No sandbox can be had here: ${SANDBOX_EXEC} is missing.`, [
      'It is part of macOS: restore it, or install with --ignore-scripts.',
    ]);
  }
  probed ??= probeBubblewrap();
  const probe = await probed;
  const level = levelOf(probe);
  if (level !== null && (level === 'full' || require === 'basic')) return { level, probe };
  throw unavailable(probe, level);
}

/**
 * Makes the confined place for the scripts of one install.
 *
 * @throws SandboxUnavailableError (exit code 13) where this machine offers no sandbox as strong as `options.require`; no
 *   script has run then.
 * @throws GatewayConfigError (exit code 14) where registry or proxy of the configuration cannot be used.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const found = await requireSandbox(options.require);
  if (found.level === 'seatbelt') {
    const { createSeatbeltSandbox } = await import('./seatbelt/index.js');
    return createSeatbeltSandbox(options);
  }
  const { level, probe } = found;
  return createBubblewrapSandbox(options, level, {
    bwrap: probe.bwrap!,
    setpriv: probe.setpriv ?? '',
    prlimit: probe.prlimit,
  });
}
