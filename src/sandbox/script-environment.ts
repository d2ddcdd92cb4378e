import { existsSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { PROXY_PORTS } from './bubblewrap/helper/protocol.js';
import { filterEnvironment, keepFolders } from './environment.js';
import type { Toolchain } from './toolchain.js';
import { isWithin } from './toolchain.js';

/** What a script's environment is made from besides npm's own. */
export interface EnvironmentParts {
  home: string;
  toolchain: Toolchain;
  /** Everything in the script's tree, as absolute folders and files. */
  visible: readonly string[];
  /** Path inside of all certificate authorities. */
  bundle: string;
  /** Path inside of the ones that Node and npm are told besides their own. */
  extraAuthorities: string;
  /** Base URL of the registry without credentials; null to leave npm's default. */
  registry: string | null;
  /** True where programs must ask a proxy, because no transparent way leads to the registry. */
  proxied: boolean;
}

/** Variables by which curl, git, OpenSSL and Python find certificate authorities. */
const CERTIFICATE_VARIABLES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];

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

/**
 * The whole environment of one script: what may pass of npm's, private folders in place of the user's, and the way to
 * the registry. Nothing else of the installer's environment is in it.
 */
export function scriptEnvironment(
  env: Readonly<Record<string, string>>,
  granted: readonly string[],
  parts: EnvironmentParts,
): Record<string, string> {
  const { home, toolchain, bundle } = parts;
  const shown = (path: string) => parts.visible.some((place) => isWithin(path, place)) && existsSync(path);
  const kept = filterEnvironment(env, granted);
  const path = keepFolders(kept['PATH'] ?? '', shown);
  const programs = [
    ...toolchain.readable.map((place) => `${place}/bin`),
    dirname(process.execPath),
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
  ];
  kept['PATH'] = keepFolders([path, ...programs].join(':'), shown);
  if (kept['NODE_PATH'] !== undefined) kept['NODE_PATH'] = keepFolders(kept['NODE_PATH'], shown);
  const proxy = `http://127.0.0.1:${PROXY_PORTS.connect}`;
  return {
    ...kept,
    HOME: home,
    USER: 'user',
    LOGNAME: 'user',
    SHELL: '/bin/sh',
    TMPDIR: '/tmp',
    XDG_CACHE_HOME: kept['XDG_CACHE_HOME'] ?? `${home}/.cache`,
    npm_config_cache: `${home}/.npm`,
    npm_config_userconfig: '/run/script/npmrc',
    npm_config_globalconfig: '/run/script/npmrc-global',
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(toolchain.nodeHeaders === null
      ? {}
      : { npm_config_nodedir: kept['npm_config_nodedir'] ?? toolchain.nodeHeaders }),
    ...(parts.registry === null ? {} : { npm_config_registry: parts.registry }),
    NODE_EXTRA_CA_CERTS: parts.extraAuthorities,
    npm_config_cafile: parts.extraAuthorities,
    ...Object.fromEntries(CERTIFICATE_VARIABLES.map((name) => [name, bundle])),
    ...(parts.proxied
      ? {
          HTTP_PROXY: proxy,
          HTTPS_PROXY: proxy,
          http_proxy: proxy,
          https_proxy: proxy,
          npm_config_proxy: proxy,
          npm_config_https_proxy: proxy,
        }
      : {}),
  };
}
