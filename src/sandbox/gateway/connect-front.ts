import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a client of an HTTP proxy asks for: a tunnel, or (plain HTTP) a request with the whole URL. */
export interface ProxyAsks {
  tunnel(socket: Socket, authority: { host: string; port: number } | null, asked: string): void;
  request(socket: Socket, request: IncomingMessage, response: ServerResponse): void;
}

/** An HTTP proxy's front: reads the head of each request on the sockets given to it. Nothing is ever answered here. */
export function createConnectFront(asks: ProxyAsks): { serve(socket: Socket): void } {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 60_000 });
  server.on('connect', (request, socket, head) => {
    if (head.length > 0) socket.unshift(head);
    asks.tunnel(socket as Socket, parseAuthority(request.url ?? ''), request.url ?? '');
  });
  server.on('request', (request, response) => asks.request(request.socket, request, response));
  const end = (request: IncomingMessage) => request.socket.destroy();
  server.on('upgrade', end);
  server.on('checkContinue', end);
  server.on('checkExpectation', end);
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    serve: (socket) => {
      server.emit('connection', socket);
    },
  };
}

/** Splits `host:port` or `[v6]:port`; null where it is neither. */
export function parseAuthority(authority: string): { host: string; port: number } | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:/?#@[\]]+)):(\d{1,5})$/i.exec(authority);
  if (!parts) return null;
  const port = Number(parts[3]);
  return port >= 1 && port <= 65535 ? { host: parts[1] ?? parts[2]!, port } : null;
}
