import { dirname } from 'node:path';
import { filterEnvironment, keepFolders } from '../environment.js';
import type { Grant, ScriptRequest } from '../sandbox.js';
import type { Toolchain } from '../toolchain.js';

/** Paths and addresses of one run that its environment names. */
export interface SeatbeltEnvironment {
  home: string;
  tmp: string;
  /** Public certificate of the run alone, and all authorities together. */
  authority: string;
  bundle: string;
  proxyPort: number;
  toolchain: Toolchain;
  /** Base URL of the registry; null to leave npm's default. */
  registry: string | null;
  /** True where a path can be seen inside. */
  shown: (path: string) => boolean;
}

/** The whole environment of one script on macOS: what may pass of npm's, and the proxy as the only way out. */
export function seatbeltEnvironment(
  request: Pick<ScriptRequest, 'env'>,
  grant: Pick<Grant, 'env' | 'setEnv'>,
  parts: SeatbeltEnvironment,
): Record<string, string> {
  const kept = filterEnvironment({ ...request.env, ...grant.setEnv }, [
    ...grant.env,
    ...Object.keys(grant.setEnv ?? {}),
  ]);
  const { home, tmp, authority, bundle, proxyPort, toolchain } = parts;
  const programs = [
    ...toolchain.readable.map((place) => `${place}/bin`),
    dirname(process.execPath),
    '/usr/bin',
    '/bin',
    '/usr/sbin',
    '/sbin',
  ];
  const http = `http://127.0.0.1:${proxyPort}`;
  return {
    ...kept,
    PATH: keepFolders([kept['PATH'] ?? '', ...programs].join(':'), parts.shown),
    HOME: home,
    TMPDIR: tmp,
    USER: 'user',
    LOGNAME: 'user',
    SHELL: '/bin/sh',
    XDG_CACHE_HOME: kept['XDG_CACHE_HOME'] ?? `${home}/.cache`,
    npm_config_cache: `${home}/.npm`,
    npm_config_userconfig: `${home}/.npmrc-none`,
    npm_config_globalconfig: `${home}/.npmrc-none`,
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(toolchain.nodeHeaders === null
      ? {}
      : { npm_config_nodedir: kept['npm_config_nodedir'] ?? toolchain.nodeHeaders }),
    ...(parts.registry === null ? {} : { npm_config_registry: parts.registry }),
    NODE_EXTRA_CA_CERTS: authority,
    npm_config_cafile: authority,
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    HTTP_PROXY: http,
    HTTPS_PROXY: http,
    http_proxy: http,
    https_proxy: http,
    ALL_PROXY: `socks5h://127.0.0.1:${proxyPort}`,
    all_proxy: `socks5h://127.0.0.1:${proxyPort}`,
    NO_PROXY: '',
    no_proxy: '',
    npm_config_proxy: http,
    npm_config_https_proxy: http,
    npm_config_noproxy: '',
    // Node's own https and fetch ask a proxy only when they are told to (from Node 22.21 and 24.5 on).
    NODE_USE_ENV_PROXY: '1',
  };
}
