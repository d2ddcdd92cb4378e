import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { readLine, readUntil } from '../gateway/index.js';

/** One script's way to the gateway where a sandbox can name ports of localhost but no sockets or names. */
export interface ProxyPort {
  readonly port: number;
  close(): Promise<void>;
}

const ANSWER_MS = 10_000;
const SOCKS5 = 5;

/**
 * Opens a port on localhost for one script. It speaks HTTP proxy and SOCKS5, told apart by the first byte; everything goes to
 * the gateway in that script's name. Refused connections are reset.
 */
export async function openProxyPort(
  gatewaySocket: string,
  script: { package: string; script: string },
): Promise<ProxyPort> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const serve = async (client: Socket) => {
    keep(client);
    try {
      const first = await readUntil(client, (bytes) => ({ value: bytes[0], used: 0 }), { bytes: 1024, ms: 0 });
      const transport = first === SOCKS5 ? 'socks' : 'connect';
      const gateway = connect(gatewaySocket);
      keep(gateway);
      const hello = { kind: 'connect', transport, host: null, port: client.localPort, ...script };
      gateway.write(`${JSON.stringify(hello)}\n`);
      const answer = JSON.parse(await readLine(gateway, ANSWER_MS)) as { ok: boolean };
      if (!answer.ok) throw new Error('refused');
      client.once('close', () => gateway.destroy());
      gateway.once('close', () => client.destroySoon());
      client.pipe(gateway).pipe(client);
    } catch {
      client.resetAndDestroy();
    }
  };
  const server = createServer((client) => void serve(client));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
