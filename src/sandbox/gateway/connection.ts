import { isIP, type Socket } from 'node:net';
import type { AdmittedScript } from './admission.js';
import { parseClientHello } from './client-hello.js';
import { createConnectFront } from './connect-front.js';
import { type Dialer, RefusedAddressError } from './dial.js';
import { normalHost } from './host-name.js';
import type { Meter } from './metrics.js';
import { answerLine, type ConnectLine, parseLine, readLine, readUntil } from './protocol.js';
import type { RegistryFront } from './registry-front.js';
import { type Registry, type Route, routeFor } from './route.js';
import { answerSocks, readSocksRequest, SOCKS_REPLY } from './socks.js';
import { joinSockets } from './tunnel.js';

const LINE_MS = 10_000;
const HELLO = { bytes: 48 * 1024, ms: 20_000 };

export interface ConnectionParts {
  registries: readonly Registry[];
  dialer: Dialer;
  front: RegistryFront;
  meter: Meter;
  /** The admitted script of that name, null where none runs. */
  scriptOf(packageId: string, event: string): AdmittedScript | null;
}

type Target = { host: string | null; port: number; tls: boolean | null };

/** Makes the function that serves one connection of the helper from its first line to its end. */
export function createConnectionServer(parts: ConnectionParts): (socket: Socket) => Promise<void> {
  const { registries, dialer, front, meter, scriptOf } = parts;
  const scripts = new WeakMap<object, AdmittedScript>();

  const refuse = (script: AdmittedScript, target: string, reason: string): void => {
    meter.outcome(target, 'denied');
    if (script.carriesCanary(target, target)) return;
    script.report({ class: 'network', target, action: 'denied', evidence: reason });
  };

  const decide = (script: AdmittedScript, target: Target): Route => {
    const place = placeOf(target);
    // Asked before anything is resolved: under a granted wildcard the name itself could carry a secret out.
    if (script.carriesCanary(place, place)) {
      meter.outcome(place, 'denied');
      return { kind: 'refused', reason: 'carries a decoy credential' };
    }
    const route = routeFor(target, registries, script);
    if (route.kind === 'refused') refuse(script, place, route.reason);
    return route;
  };

  /** Goes on with a connection that route allows: the registry, or a tunnel behind a matching ClientHello. */
  const proceed = async (socket: Socket, script: AdmittedScript, route: Exclude<Route, { kind: 'refused' }>) => {
    if (route.kind === 'registry' && route.registry.protocol === 'http:') {
      return front.serve(socket, { script, registry: route.registry, proxied: false });
    }
    const { host, port } = route.kind === 'registry' ? route.registry : route;
    const place = placeOf({ host, port });
    try {
      const hello = await readUntil(
        socket,
        (bytes) => {
          const value = parseClientHello(bytes);
          return value && { value, used: 0 };
        },
        HELLO,
      );
      const named = hello.serverName === null ? null : normalHost(hello.serverName);
      if (named !== host && !(named === null && isIP(host) !== 0)) {
        throw new Error(`server name ${hello.serverName ?? '(none)'} is not ${host}`);
      }
      if (hello.encrypted && route.kind === 'tunnel') throw new Error('the server name is encrypted');
    } catch (error) {
      refuse(script, place, `TLS: ${(error as Error).message}`);
      socket.destroy();
      return;
    }
    if (route.kind === 'registry') return front.serve(socket, { script, registry: route.registry, proxied: false });
    let outside: Socket;
    try {
      outside = await dialer.tcp(host, port, false);
    } catch (error) {
      const refused = error instanceof RefusedAddressError;
      refuse(script, place, refused ? error.message : `could not be reached: ${(error as Error).message}`);
      socket.destroy();
      return;
    }
    meter.outcome(place, 'allowed');
    script.report({ class: 'network', target: place, action: 'allowed', evidence: 'granted host' });
    joinSockets(socket, outside, (sent, received) => meter.bytes(place, sent, received));
  };

  const connectFront = createConnectFront({
    tunnel(socket, authority, asked) {
      const script = scripts.get(socket);
      if (!script) return void socket.destroy();
      if (authority === null) {
        refuse(script, asked.slice(0, 300), 'malformed CONNECT');
        return void socket.destroy();
      }
      const route = decide(script, { ...authority, tls: null });
      if (route.kind === 'refused') return void socket.destroy();
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      void proceed(socket, script, route);
    },
    request(socket, request, response) {
      const script = scripts.get(socket);
      const url = URL.canParse(request.url ?? '') ? new URL(request.url!) : null;
      if (!script || url?.protocol !== 'http:') return void socket.destroy();
      const route = decide(script, { host: url.hostname, port: Number(url.port) || 80, tls: false });
      if (route.kind !== 'registry') return void socket.destroy();
      void front.answer(request, response, { script, registry: route.registry, proxied: true });
    },
  });

  const socks = async (socket: Socket, script: AdmittedScript) => {
    try {
      const asked = await readSocksRequest(socket);
      const route = decide(script, { ...asked, tls: null });
      answerSocks(socket, route.kind === 'refused' ? SOCKS_REPLY.refused : SOCKS_REPLY.granted);
      if (route.kind === 'refused') socket.end();
      else await proceed(socket, script, route);
    } catch (error) {
      refuse(script, 'socks', (error as Error).message);
      socket.destroy();
    }
  };

  const connect = async (socket: Socket, line: ConnectLine) => {
    const script = scriptOf(line.package, line.script);
    if (script === null) return void socket.end(answerLine('no such script is running'));
    const leave = script.open(() => socket.destroy());
    if (leave === null) {
      refuse(script, placeOf(line), 'too many connections at once');
      return void socket.end(answerLine('too many connections at once'));
    }
    socket.once('close', leave);
    scripts.set(socket, script);
    if (line.transport === 'connect' || line.transport === 'socks') {
      socket.write(answerLine(null));
      return line.transport === 'connect' ? connectFront.serve(socket) : socks(socket, script);
    }
    const route = decide(script, { host: line.host, port: line.port, tls: line.transport === 'tls' });
    if (route.kind === 'refused') return void socket.end(answerLine(route.reason));
    socket.write(answerLine(null));
    return proceed(socket, script, route);
  };

  /** Takes the helper's own observations, one a line, until the connection ends or a line is none. */
  const observe = async (socket: Socket, first: string) => {
    for (let line = first; ; line = await readLine(socket, 0)) {
      const event = parseLine(line);
      if (event?.kind !== 'event') return void socket.destroy();
      const script = scriptOf(event.package, event.script);
      if (!script || script.carriesCanary(`${event.target}\n${event.evidence}`, event.target)) continue;
      meter.outcome(event.target, 'denied');
      script.report({ class: event.class, target: event.target, action: event.action, evidence: event.evidence });
    }
  };

  return async (socket) => {
    meter.connection();
    socket.on('error', () => socket.destroy());
    try {
      const first = await readLine(socket, LINE_MS);
      const line = parseLine(first);
      if (line?.kind === 'connect') await connect(socket, line);
      else if (line?.kind === 'event') await observe(socket, first);
      else socket.destroy();
    } catch {
      // The peer went away or did not speak the protocol: there is nobody to tell.
      socket.destroy();
    }
  };
}

function placeOf({ host, port }: { host: string | null; port: number }): string {
  return `${host ?? '(no name)'}:${port}`;
}
