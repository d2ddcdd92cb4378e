import { dirname } from 'node:path';
import { filterEnvironment, keepFolders } from './environment.js';
import type { Toolchain } from './toolchain.js';

/** Paths and addresses of one sandbox that the environment of its scripts names. */
export interface EnvironmentPlaces {
  home: string;
  tmp: string;
  /** Paths of npm's user and global configuration inside; nothing or an empty file stands there. */
  npmrc: { user: string; global: string };
  toolchain: Toolchain;
  /** Folders with the system's programs, behind the toolchain's. */
  systemPrograms: readonly string[];
  /** Path of the authorities that Node and npm are told besides their own, and of all authorities together. */
  extraAuthorities: string;
  bundle: string;
  /** Base URL of the registry without credentials; null to leave npm's default. */
  registry: string | null;
  /** Ports of the proxies on loopback, where programs must ask one; null where a transparent way leads out. */
  proxy: { http: number; socks: number } | null;
  /** True where a path can be seen inside. */
  shown: (path: string) => boolean;
}

/** Variables by which curl, git, OpenSSL and Python find certificate authorities. */
const CERTIFICATE_VARIABLES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];

function proxyVariables({ http, socks }: { http: number; socks: number }): Record<string, string> {
  const values = { http_proxy: `http://127.0.0.1:${http}`, https_proxy: `http://127.0.0.1:${http}` };
  const all = { ...values, all_proxy: `socks5h://127.0.0.1:${socks}`, no_proxy: '' };
  return {
    ...all,
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toUpperCase(), value])),
    npm_config_proxy: values.http_proxy,
    npm_config_https_proxy: values.https_proxy,
    npm_config_noproxy: '',
    // Node's own https and fetch ask a proxy only when they are told to (from Node 22.21 and 24.5 on).
    NODE_USE_ENV_PROXY: '1',
  };
}

/**
 * The whole environment of one script, the same on every platform: what may pass of npm's, private folders in place of the
 * user's, and the way to the registry. Nothing else of the installer's environment is in it.
 *
 * @param granted names that a grant lets pass.
 */
export function confinedEnvironment(
  env: Readonly<Record<string, string>>,
  granted: readonly string[],
  places: EnvironmentPlaces,
): Record<string, string> {
  const { home, toolchain, npmrc, shown } = places;
  const kept = filterEnvironment(env, granted);
  const programs = [...toolchain.readable.map((place) => `${place}/bin`), dirname(process.execPath)];
  return {
    ...kept,
    PATH: keepFolders([kept['PATH'] ?? '', ...programs, ...places.systemPrograms].join(':'), shown),
    ...(kept['NODE_PATH'] === undefined ? {} : { NODE_PATH: keepFolders(kept['NODE_PATH'], shown) }),
    HOME: home,
    USER: 'user',
    LOGNAME: 'user',
    SHELL: '/bin/sh',
    TMPDIR: places.tmp,
    XDG_CACHE_HOME: kept['XDG_CACHE_HOME'] ?? `${home}/.cache`,
    npm_config_cache: `${home}/.npm`,
    npm_config_userconfig: npmrc.user,
    npm_config_globalconfig: npmrc.global,
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(toolchain.nodeHeaders === null
      ? {}
      : { npm_config_nodedir: kept['npm_config_nodedir'] ?? toolchain.nodeHeaders }),
    ...(places.registry === null ? {} : { npm_config_registry: places.registry }),
    NODE_EXTRA_CA_CERTS: places.extraAuthorities,
    npm_config_cafile: places.extraAuthorities,
    ...Object.fromEntries(CERTIFICATE_VARIABLES.map((name) => [name, places.bundle])),
    ...(places.proxy === null ? {} : proxyVariables(places.proxy)),
  };
}
