import type { FetchSettings } from '../fetch/index.js';
import type { RegistryOrigin } from '../sandbox/sandbox.js';

/** The registries that npm's configuration names, with the login it has for each; scripts see the address only. */
export function registryOrigins({ registry, flat }: FetchSettings): RegistryOrigin[] {
  const scoped = Object.entries(flat).flatMap(([key, value]) =>
    /^@[^:]+:registry$/.test(key) && typeof value === 'string' ? [value] : [],
  );
  return [...new Set([registry, ...scoped])].map((url) => {
    const authorization = authorizationFor(url, flat);
    return authorization === null ? { url } : { url, authorization };
  });
}

// npm keeps logins under `//host/path/:_authToken`, also for a path above the registry's.
function authorizationFor(url: string, flat: Record<string, unknown>): string | null {
  const { host, pathname } = new URL(url);
  const parts = pathname.split('/').filter(Boolean);
  for (let length = parts.length; length >= 0; length -= 1) {
    const path = parts.slice(0, length).join('/');
    const key = `//${host}/${path === '' ? '' : `${path}/`}`;
    const token = flat[`${key}:_authToken`];
    if (typeof token === 'string') {
      return `Bearer ${token}`;
    }
    const basic = flat[`${key}:_auth`];
    if (typeof basic === 'string') {
      return `Basic ${basic}`;
    }
    const user = flat[`${key}:username`];
    const password = flat[`${key}:_password`];
    if (typeof user === 'string' && typeof password === 'string') {
      const plain = Buffer.from(password, 'base64').toString('utf8');
      return `Basic ${Buffer.from(`${user}:${plain}`).toString('base64')}`;
    }
  }
  return null;
}
