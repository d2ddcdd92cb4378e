import { execFileSync } from 'node:child_process';

/** The registry that npm's configuration names, with a trailing slash. */
export function upstreamRegistry(): string {
  const url = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return url.endsWith('/') ? url : `${url}/`;
}
