import type { Socket } from 'node:net';
import { z } from 'zod';

/** Longest first line that the gateway reads from a connection, in bytes. */
export const MAX_LINE = 4096;

const label = z.string().max(300);

/** First line of a connection that wants out. `host` is the name that the helper's DNS gave the address to, null where it knows none. */
export const connectLine = z.strictObject({
  kind: z.literal('connect'),
  transport: z.enum(['tls', 'http', 'connect', 'socks']),
  host: z.string().min(1).max(253).nullable(),
  port: z.number().int().min(1).max(65535),
  package: label,
  script: label,
});

/** What the helper itself saw (a refused name, a packet without a route); many lines on one connection. */
export const eventLine = z.strictObject({
  kind: z.literal('event'),
  class: z.enum(['network', 'dns', 'process', 'limit']),
  target: z.string().max(1024),
  action: z.enum(['denied', 'reported']).default('denied'),
  evidence: z.string().max(2048).default(''),
  package: label,
  script: label,
});

const helloLine = z.discriminatedUnion('kind', [connectLine, eventLine]);

export type ConnectLine = z.infer<typeof connectLine>;
export type EventLine = z.infer<typeof eventLine>;

/** Parses a first line; null where it is not one. The helper is trusted no more than a script. */
export function parseLine(line: string): ConnectLine | EventLine | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = helloLine.safeParse(json);
  return parsed.success ? parsed.data : null;
}

/** The gateway's one answer to a connect line. */
export function answerLine(reason: string | null): string {
  return `${JSON.stringify(reason === null ? { ok: true } : { ok: false, reason })}\n`;
}

/**
 * Reads from a socket until `enough` says what it found, then gives the unread rest back to the socket.
 * `enough` gets all bytes so far and returns null to wait for more; `used` bytes of them are consumed.
 *
 * @throws Error when the peer ends, the limit is passed, or the time (0: none) is over.
 */
export function readUntil<T>(
  socket: Socket,
  enough: (bytes: Buffer) => { value: T; used: number } | null,
  limits: { bytes: number; ms: number },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const timer = limits.ms > 0 ? setTimeout(() => done(new Error('timed out')), limits.ms) : undefined;
    const done = (error: Error | null, found?: { value: T; used: number }) => {
      clearTimeout(timer);
      socket.off('readable', read);
      socket.off('end', ended);
      socket.off('close', ended);
      socket.off('error', failed);
      if (error) return reject(error);
      const rest = seen.subarray(found!.used);
      if (rest.length > 0) socket.unshift(rest);
      resolve(found!.value);
    };
    const read = () => {
      for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
        seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
        let found: { value: T; used: number } | null;
        try {
          found = enough(seen);
        } catch (error) {
          return done(error as Error);
        }
        if (found) return done(null, found);
        if (seen.length > limits.bytes) return done(new Error('too long'));
      }
    };
    const ended = () => done(new Error('ended early'));
    const failed = (error: Error) => done(error);
    socket.on('readable', read);
    socket.on('end', ended);
    socket.on('close', ended);
    socket.on('error', failed);
    read();
  });
}

/** Reads one line from a socket, without its newline. */
export function readLine(socket: Socket, ms: number): Promise<string> {
  return readUntil(
    socket,
    (bytes) => {
      const end = bytes.indexOf(0x0a);
      if (end > MAX_LINE) throw new Error('too long');
      return end < 0 ? null : { value: bytes.toString('utf8', 0, end), used: end + 1 };
    },
    { bytes: MAX_LINE, ms },
  );
}
