import { join, resolve } from 'node:path';
import type { FetchSettings } from '../fetch/index.js';
import { nodeGypFolders } from '../run/script-environment.js';
import type { RegistryOrigin, SandboxOptions } from '../sandbox/sandbox.js';
import type { InstallOptions } from './options.js';
import { proxiesOf } from './proxies.js';
import { registryOrigins } from './registry-origins.js';

/** What the sandbox of one install is made with: npm's registries, proxy and certificates, and policy's floor. */
export function sandboxOptions(
  { npm, policy, stateDir }: Pick<InstallOptions, 'npm' | 'policy' | 'stateDir'>,
  fetch: FetchSettings,
  roots: readonly string[],
): SandboxOptions {
  const { flat } = npm;
  const text = (key: string): string | undefined =>
    typeof flat[key] === 'string' && flat[key] !== '' ? (flat[key] as string) : undefined;
  return {
    projectRoot: npm.path,
    readable: [...roots.map((root) => join(root, 'node_modules')), ...nodeGypFolders(npm.env)],
    registries: registryOrigins(fetch) satisfies RegistryOrigin[],
    upstream: {
      ...proxiesOf(flat, npm.env),
      ...(text('cafile') === undefined ? {} : { cafile: resolve(text('cafile') ?? '') }),
      ...(Array.isArray(flat['ca']) ? { ca: flat['ca'] as string[] } : {}),
    },
    stateDir,
    require: policy.sandbox.require,
    ...(policy.sandbox.violations === undefined ? {} : { consequences: policy.sandbox.violations }),
  };
}
