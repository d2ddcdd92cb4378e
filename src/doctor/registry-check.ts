import { openConnection } from '../sandbox/gateway/index.js';
import type { RegistryOrigin, SandboxOptions } from '../sandbox/sandbox.js';
import type { Check } from './check.js';

/** Opens a connection to a registry the way the gateway does: own resolution, the user's proxy and certificates. */
export async function registryCheck({ url }: RegistryOrigin, upstream: SandboxOptions['upstream']): Promise<Check> {
  const { protocol, hostname, port, host } = new URL(url);
  const secure = protocol === 'https:';
  const base = { id: 'registry', title: 'Registry' };
  const started = performance.now();
  try {
    const socket = await openConnection(hostname, Number(port) || (secure ? 443 : 80), secure, upstream);
    socket.destroy();
    const proxy = secure ? upstream.httpsProxy : upstream.httpProxy;
    const via = proxy === undefined ? '' : ', a proxy is configured';
    const ms = Math.round(performance.now() - started);
    return {
      ...base,
      status: 'ok',
      found: `${host} answers${secure ? ', its certificate is trusted' : ''} (${ms} ms${via})`,
      remedies: [],
    };
  } catch (error) {
    const said = error as Error & { code?: string };
    const certificate = /CERT|SIGNATURE|ISSUER/.test(said.code ?? '');
    return {
      ...base,
      status: 'failure',
      found: `${host}: ${said.message}`,
      remedies: [
        certificate
          ? 'Its certificate is not trusted: name your company’s authority with `cafile` in .npmrc or NODE_EXTRA_CA_CERTS.'
          : 'Check `registry`, `proxy` and `https-proxy` in .npmrc, and the network.',
      ],
    };
  }
}
