import type { IncomingMessage } from 'node:http';
import type { SandboxOptions } from '../sandbox.js';

/** Largest tarball that a script may fetch, in bytes: it is held in memory until it is scanned. */
export const MAX_TARBALL = 256 * 1024 * 1024;
const AT_ONCE = 2;

export type TarballScan = NonNullable<SandboxOptions['scanTarball']>;

/** Reads a body whole; null where it is longer than the limit. */
async function readBody(body: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(body.headers['content-length'] ?? 0) > limit) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Makes a function that reads a tarball's answer and scans it, two at a time; it resolves with the bytes, or the reason why they must not pass. */
export function createTarballGate(
  scan: TarballScan,
  limit = MAX_TARBALL,
): (answer: IncomingMessage, url: string) => Promise<Buffer | string> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (answer, url) => {
    if (busy >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
    else busy++;
    try {
      const bytes = await readBody(answer, limit);
      if (bytes === null) return `tarball is larger than ${limit} bytes`;
      const action = await scan(bytes, url);
      return action === 'allow' ? bytes : `scanner says ${action}`;
    } catch (error) {
      return `tarball could not be scanned: ${(error as Error).message}`;
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy--;
    }
  };
}
