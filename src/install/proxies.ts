/** The way to the outside through the user's own proxies, as npm finds it. */
export interface Proxies {
  httpsProxy?: string;
  httpProxy?: string;
  noProxy?: string;
}

const PROXY_VARIABLES = new Set(['https_proxy', 'http_proxy', 'proxy', 'no_proxy']);

/**
 * Finds the proxies for TLS and for plain requests: npm's configuration first, else the variables of the environment, in either
 * case of letters, in the order in which npm's own client asks for them.
 *
 * @param flat npm's flat options.
 */
export function proxiesOf(
  flat: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Proxies {
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (value && PROXY_VARIABLES.has(name.toLowerCase())) variables.set(name.toLowerCase(), value);
  }
  const first = (...values: unknown[]): string | undefined =>
    values.find((value): value is string => typeof value === 'string' && value !== '');
  const configured = first(flat['httpsProxy'], flat['proxy']);
  const httpsProxy = first(configured, variables.get('https_proxy'));
  const httpProxy = first(httpsProxy, variables.get('http_proxy'), variables.get('proxy'));
  const listed = flat['noProxy'];
  const noProxy = first(Array.isArray(listed) ? listed.join(',') : listed, variables.get('no_proxy'));
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}
