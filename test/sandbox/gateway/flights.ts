import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

/** The first flight that Node's own TLS client sends. */
export function captured(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket: Socket) => {
      socket.once('data', (bytes) => {
        socket.destroy();
        server.close();
        resolve(bytes);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      tlsConnect({ host: '127.0.0.1', port, servername, ALPNProtocols: ['http/1.1'] }).on('error', () => {});
    });
  });
}

/** Adds one extension to the end of a ClientHello, mending all lengths. */
export function extended(flight: Buffer, kind: number, body: Buffer): Buffer {
  const extension = Buffer.concat([Buffer.alloc(4), body]);
  extension.writeUInt16BE(kind, 0);
  extension.writeUInt16BE(body.length, 2);
  const out = Buffer.concat([flight, extension]);
  let at = 5 + 4 + 2 + 32;
  at += 1 + out[at]!;
  at += 2 + out.readUInt16BE(at);
  at += 1 + out[at]!;
  out.writeUInt16BE(out.readUInt16BE(at) + extension.length, at);
  out.writeUIntBE(out.readUIntBE(6, 3) + extension.length, 6, 3);
  out.writeUInt16BE(out.readUInt16BE(3) + extension.length, 3);
  return out;
}
