import type { Socket } from 'node:net';
import { readUntil } from './protocol.js';

/** Answers of SOCKS5 (RFC 1928, 6). */
export const SOCKS_REPLY = { granted: 0, refused: 2, unreachable: 4 } as const;

const LIMITS = { bytes: 1024, ms: 10_000 };

/** Reads a SOCKS5 greeting and CONNECT request, as far as the name or address asked for. @throws Error on any other request. */
export async function readSocksRequest(socket: Socket): Promise<{ host: string; port: number }> {
  await readUntil(
    socket,
    (bytes) => {
      if (bytes[0] !== 5) throw new Error('not SOCKS5');
      if (bytes.length < 2 || bytes.length < 2 + bytes[1]!) return null;
      if (!bytes.subarray(2, 2 + bytes[1]!).includes(0)) throw new Error('SOCKS5 without the no-authentication method');
      return { value: true, used: 2 + bytes[1]! };
    },
    LIMITS,
  );
  socket.write(Buffer.from([5, 0]));
  return readUntil(
    socket,
    (bytes) => {
      if (bytes.length < 5) return null;
      if (bytes[0] !== 5 || bytes[1] !== 1) throw new Error('SOCKS5 request is not CONNECT');
      const kind = bytes[3];
      const length = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? 1 + bytes[4]! : 0;
      if (length === 0) throw new Error('malformed SOCKS5 address');
      const end = 4 + length + 2;
      if (bytes.length < end) return null;
      return {
        value: { host: socksHost(kind!, bytes.subarray(4, end - 2)), port: bytes.readUInt16BE(end - 2) },
        used: end,
      };
    },
    LIMITS,
  );
}

/** Sends the answer to a SOCKS5 request. */
export function answerSocks(socket: Socket, reply: number): void {
  socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
}

function socksHost(kind: number, bytes: Buffer): string {
  if (kind === 3) return bytes.toString('latin1', 1);
  if (kind === 1) return bytes.join('.');
  return [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16)).join(':');
}
