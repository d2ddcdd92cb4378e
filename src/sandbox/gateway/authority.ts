import { randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { makeAuthority, makeServer } from './certificate.js';

/** Certificate authority of one run: its key lives in this process's memory only. */
export interface RunAuthority {
  /** The public certificate, PEM. */
  readonly certificate: string;
  /** A fresh key and server certificate (PEM) for one name or address. */
  issue(host: string): { key: string; cert: string };
  /** What a TLS server needs to answer as that name or address; made once. */
  contextFor(host: string): SecureContext;
}

/** Makes the certificate authority that scripts of this run trust, for the registry's names only. It is valid for two days. */
export function createRunAuthority(): RunAuthority {
  const root = makeAuthority(`safe-install run ${randomBytes(4).toString('hex')}`);
  const issue = (host: string) => {
    const server = makeServer(host, root);
    const key = server.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { key, cert: server.certificate + root.certificate };
  };
  const issued = new Map<string, SecureContext>();
  return {
    certificate: root.certificate,
    issue,
    contextFor(host) {
      const context = issued.get(host) ?? createSecureContext({ ...issue(host), minVersion: 'TLSv1.2' });
      issued.set(host, context);
      return context;
    },
  };
}
