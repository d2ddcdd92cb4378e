import { connect, createServer, type Socket } from 'node:net';
import { PLACES, PROXY_PORTS } from './protocol.js';

/** What the gateway is told about one connection. */
export interface Wish {
  transport: 'tls' | 'http' | 'connect' | 'socks';
  host: string | null;
  port: number;
  package: string;
  script: string;
}

/** Asked before a connection goes on: the wish to forward, or null to refuse it here. */
export type Admit = (transport: Wish['transport'], address: string, port: number) => Wish | null;

/** Ends a connection as a closed port would: never a body that a client could keep as a file. */
function refuse(client: Socket): void {
  client.resetAndDestroy();
}

/** Asks the gateway for one connection and joins both ends once it agrees. */
function forward(client: Socket, wish: Wish): void {
  const way = connect(PLACES.gateway);
  const end = () => {
    if (!client.destroyed) refuse(client);
    way.destroy();
  };
  client.pause();
  client.on('error', end);
  way.on('error', end);
  way.once('connect', () => way.write(`${JSON.stringify({ kind: 'connect', ...wish })}\n`));
  let head = Buffer.alloc(0);
  const answered = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const newline = head.indexOf(10);
    if (newline < 0) {
      if (head.length > 4096) end();
      return;
    }
    way.off('data', answered);
    if (!/^\{"ok":true[,}]/.test(head.toString('utf8', 0, newline))) return end();
    const rest = head.subarray(newline + 1);
    if (rest.length > 0) client.write(rest);
    client.pipe(way);
    way.pipe(client);
    // A gateway that breaks off refuses; one that ends has finished.
    way.once('close', (failed) => (failed || !way.readableEnded ? refuse(client) : client.end()));
    client.once('close', () => way.destroy());
  };
  way.on('data', answered);
  way.once('end', () => {
    if (head.indexOf(10) < 0) end();
  });
}

function listen(host: string, port: number, transport: Wish['transport'], admit: Admit): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    const wish = admit(transport, client.localAddress ?? '', client.localPort ?? port);
    if (wish === null) refuse(client);
    else forward(client, wish);
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      server.on('error', () => {});
      done();
    });
  });
}

/** Opens the listeners that stand for the granted hosts, and the two proxies on loopback. */
export async function serveFronts(ports: { port: number; transport: 'tls' | 'http' }[], admit: Admit): Promise<void> {
  await Promise.all([
    ...ports.map(({ port, transport }) => listen('0.0.0.0', port, transport, admit)),
    listen('127.0.0.1', PROXY_PORTS.connect, 'connect', admit),
    listen('127.0.0.1', PROXY_PORTS.socks, 'socks', admit),
  ]);
}
