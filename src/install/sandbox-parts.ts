import { ArboristBase } from '../resolve/index.js';
import type { SandboxOptions } from '../sandbox/sandbox.js';
import { fetchSettings } from './fetch-settings.js';
import type { InstallOptions } from './options.js';
import { sandboxOptions } from './sandbox-options.js';

/** Registries with their logins, and the way to the outside, as npm's configuration gives them. */
export function sandboxPartsOf(
  options: Pick<InstallOptions, 'npm' | 'policy' | 'stateDir'>,
): Pick<SandboxOptions, 'registries' | 'upstream'> {
  const arborist = new ArboristBase({ ...options.npm.flat, path: options.npm.path });
  const { registries, upstream } = sandboxOptions(options, fetchSettings(arborist, options.npm), []);
  return { registries, upstream };
}
