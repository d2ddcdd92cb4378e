import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { PROXY_PORTS } from './bubblewrap/helper/protocol.js';
import { confinedEnvironment, type EnvironmentPlaces } from './confined-environment.js';
import { isWithin } from './toolchain.js';

/** What a script's environment is made from besides npm's own. */
export interface EnvironmentParts
  extends Pick<EnvironmentPlaces, 'home' | 'toolchain' | 'bundle' | 'extraAuthorities' | 'registry'> {
  /** Everything in the script's tree, as absolute folders and files. */
  visible: readonly string[];
  /** True where programs must ask a proxy, because no transparent way leads to the registry. */
  proxied: boolean;
}

/** The nearest `node_modules` above a file, or null. */
export function nodeModulesAbove(path: string): string | null {
  const at = path.lastIndexOf(`${sep}node_modules${sep}`);
  return at < 0 ? null : path.slice(0, at + `${sep}node_modules`.length);
}

/** Folders of npm's own tools that npm's environment points to (node-gyp and its shim), to be shown to the script. */
export function toolFolders(env: Readonly<Record<string, string>>): string[] {
  const files = [
    env['npm_config_node_gyp'],
    ...(env['PATH'] ?? '').split(':').filter((path) => path.endsWith('/node-gyp-bin')),
  ];
  const folders = files.flatMap((path) => (path?.startsWith('/') ? (nodeModulesAbove(path) ?? []) : []));
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/** The environment of one script on Linux: see {@link confinedEnvironment}. */
export function scriptEnvironment(
  env: Readonly<Record<string, string>>,
  granted: readonly string[],
  { visible, proxied, ...parts }: EnvironmentParts,
): Record<string, string> {
  return confinedEnvironment(env, granted, {
    ...parts,
    tmp: '/tmp',
    npmrc: { user: '/run/script/npmrc', global: '/run/script/npmrc-global' },
    systemPrograms: ['/usr/local/bin', '/usr/bin', '/bin'],
    proxy: proxied ? { http: PROXY_PORTS.connect, socks: PROXY_PORTS.socks } : null,
    shown: (path) => visible.some((place) => isWithin(path, place)) && existsSync(path),
  });
}
