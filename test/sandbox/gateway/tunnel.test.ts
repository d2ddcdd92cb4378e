import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import type { GatewayOptions } from '../../../src/sandbox/gateway/index.js';
import { captured, extended } from './flights.js';
import { drain, SCRIPT, startGateway, startServer } from './gateway-client.js';

const PUBLIC = '8.8.8.8';
let closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** A company's proxy on loopback: its CONNECT leads to the given port, whatever the name. */
async function companyProxy(port: number, wanted?: string) {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url!);
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const outside = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    outside.on('error', () => socket.destroy());
    socket.on('error', () => outside.destroy());
    outside.pipe(socket).pipe(outside);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  closers.push(() => new Promise((closed) => server.close(closed)));
  return { asked, url: `http://u%40x:p@127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function grantedHost(hosts: string[], options: Partial<GatewayOptions> = {}) {
  const server = await startServer((_request, response) => response.end('from outside'), 'cdn.example');
  closers.push(server.close);
  const proxy = await companyProxy(server.port, `Basic ${Buffer.from('u@x:p').toString('base64')}`);
  const gate = await startGateway({ upstream: { httpsProxy: proxy.url }, lookup: async () => [PUBLIC], ...options });
  closers.push(gate.close);
  const revoke = gate.gateway.admit({ ...SCRIPT, hosts, canaries: [] });
  return { ...gate, server, proxy, revoke };
}

/** Sends one request through TLS on an open connection; the text of the answer, empty where there is none. */
async function fetched(socket: Socket, servername: string | undefined, ca: string): Promise<string> {
  const secure = tlsConnect({ socket, ca, ...(servername === undefined ? {} : { servername }) });
  secure.write('GET / HTTP/1.1\r\nHost: cdn.example\r\nConnection: close\r\n\r\n');
  return (await drain(secure)).toString();
}

test('a granted host is reached through the user proxy, end to end in its own TLS', async () => {
  const gate = await grantedHost(['cdn.example']);
  const { ok, socket } = await gate.open({ host: 'cdn.example' });
  expect(ok).toBe(true);
  expect(await fetched(socket, 'cdn.example', gate.server.ca)).toContain('from outside');
  expect(gate.proxy.asked).toEqual(['cdn.example:443']);
  expect(gate.events).toMatchObject([{ class: 'network', action: 'allowed', target: 'cdn.example:443', ...SCRIPT }]);
  await expect.poll(() => gate.gateway.metrics().hosts['cdn.example:443']?.received).toBeGreaterThan(500);
});

test('a wildcard grants the names below it and not the name itself', async () => {
  const gate = await grantedHost(['*.example']);
  const { socket } = await gate.open({ host: 'CDN.example.' });
  expect(await fetched(socket, 'cdn.example', gate.server.ca)).toContain('from outside');
  expect((await gate.open({ host: 'example' })).ok).toBe(false);
  expect((await gate.open({ host: 'cdnexample' })).ok).toBe(false);
});

test.each([
  ['a name that is not granted', { host: 'other.example' }, 'host is not granted'],
  ['another port', { host: 'cdn.example', port: 22 }, 'port 443 only'],
  ['plain HTTP', { host: 'cdn.example', port: 80, transport: 'http' as const }, 'TLS only'],
  ['an address', { host: '8.8.8.8' }, 'addresses cannot be reached'],
  ['no name', { host: null }, 'no host name'],
  ['a script that does not run', { host: 'cdn.example', package: 'b@1.0.0' }, 'no such script'],
])('%s is refused before any byte', async (_what, line, reason) => {
  const gate = await grantedHost(['cdn.example', '8.8.8.8']);
  const answer = await gate.open(line);
  expect(answer.ok).toBe(false);
  expect(answer.reason).toContain(reason);
  expect((await drain(answer.socket)).length).toBe(0);
  expect(gate.proxy.asked).toEqual([]);
});

test('a granted port is reached by TLS, and a denied host not though a wildcard covers it', async () => {
  const gate = await grantedHost(['cdn.example:8443', '*.example']);
  const { ok, socket } = await gate.open({ host: 'cdn.example', port: 8443 });
  expect(ok).toBe(true);
  expect(await fetched(socket, 'cdn.example', gate.server.ca)).toContain('from outside');
  expect(gate.proxy.asked).toEqual(['cdn.example:8443']);
  const denying = { package: 'd@1.0.0', script: 'install' };
  for (const deniedHosts of [['cdn.example'], ['*.example:443'], ['*']]) {
    const revoke = gate.gateway.admit({ ...denying, hosts: ['*.example'], deniedHosts, canaries: [] });
    expect((await gate.open({ ...denying, host: 'cdn.example' })).reason).toContain('denied by the settings');
    revoke();
  }
});

test.each([['other.example'], ['']])('server name "%s" for a granted host is refused', async (servername) => {
  const gate = await grantedHost(['cdn.example']);
  const { socket } = await gate.open({ host: 'cdn.example' });
  expect(await fetched(socket, servername, gate.server.ca)).toBe('');
  expect(gate.proxy.asked).toEqual([]);
  expect(gate.events).toMatchObject([{ action: 'denied', evidence: expect.stringContaining('server name') }]);
});

test('a ClientHello that hides its real server name is refused', async () => {
  const gate = await grantedHost(['cdn.example']);
  const { socket } = await gate.open({ host: 'cdn.example' });
  socket.write(extended(await captured('cdn.example'), 0xfe0d, Buffer.alloc(40)));
  expect((await drain(socket)).length).toBe(0);
  expect(gate.proxy.asked).toEqual([]);
  expect(gate.events).toMatchObject([{ action: 'denied', evidence: expect.stringContaining('encrypted') }]);
});

test('a ClientHello in single bytes is waited for', async () => {
  const gate = await grantedHost(['cdn.example']);
  const { socket } = await gate.open({ host: 'cdn.example' });
  for (const byte of await captured('cdn.example')) socket.write(Buffer.from([byte]));
  await expect.poll(() => gate.proxy.asked).toEqual(['cdn.example:443']);
  socket.destroy();
});

test('a decoy credential in a name is not resolved, even below a granted wildcard', async () => {
  const looked: string[] = [];
  const gate = await grantedHost([], {
    lookup: async (name) => {
      looked.push(name);
      return [PUBLIC];
    },
  });
  const script = { package: 'c@1.0.0', script: 'install' };
  const canaries = [{ value: 'npm_k3J9xQ2mVb7LwT5zRc8YpD4f', planted: '~/.npmrc' }];
  gate.gateway.admit({ ...script, hosts: ['*.example'], canaries });
  const { ok } = await gate.open({ ...script, host: 'npm-k3j9xq2mvb7lw.t5zrc8ypd4f.example' });
  expect(ok).toBe(false);
  expect(looked).toEqual([]);
  expect(gate.events).toMatchObject([{ class: 'canary', action: 'denied', ...script }]);
});

test('bytes that are not TLS go nowhere', async () => {
  const gate = await grantedHost(['cdn.example']);
  const { socket } = await gate.open({ host: 'cdn.example' });
  socket.write('SSH-2.0-OpenSSH_9.2\r\n');
  expect((await drain(socket)).length).toBe(0);
  expect(gate.proxy.asked).toEqual([]);
});

test.each(['127.0.0.1', '169.254.169.254', '10.0.0.7', '::1', 'fd00::1'])(
  'a granted name that resolves to %s is not dialled, proxy or not',
  async (address) => {
    for (const upstream of ['with', 'without'] as const) {
      const gate = await grantedHost(['cdn.example'], {
        lookup: async () => [address],
        ...(upstream === 'without' ? { upstream: {} } : {}),
      });
      const { socket } = await gate.open({ host: 'cdn.example' });
      expect(await fetched(socket, 'cdn.example', gate.server.ca)).toBe('');
      expect(gate.proxy.asked).toEqual([]);
      expect(gate.events).toMatchObject([{ action: 'denied', evidence: expect.stringContaining(address) }]);
    }
  },
);

test('a refusing proxy is told as such', async () => {
  const gate = await grantedHost(['cdn.example'], {});
  const url = new URL(gate.proxy.url);
  url.password = 'wrong';
  const other = await grantedHost(['cdn.example'], { upstream: { httpsProxy: url.href } });
  const { socket } = await other.open({ host: 'cdn.example' });
  expect(await fetched(socket, 'cdn.example', other.server.ca)).toBe('');
  expect(other.events[0]!.evidence).toContain('could not be reached: proxy');
});

test('when the script ends its connections end', async () => {
  const gate = await grantedHost(['cdn.example']);
  const { socket } = await gate.open({ host: 'cdn.example' });
  const secure = tlsConnect({ socket, servername: 'cdn.example', ca: gate.server.ca });
  await new Promise((done) => secure.once('secureConnect', done));
  gate.revoke();
  await drain(secure);
  await expect.poll(() => socket.destroyed).toBe(true);
  expect((await gate.open({ host: 'cdn.example' })).ok).toBe(false);
});

test('one script cannot use the grant of another', async () => {
  const gate = await grantedHost(['cdn.example']);
  gate.gateway.admit({ package: 'b@1.0.0', script: 'install', hosts: [], canaries: [] });
  expect((await gate.open({ host: 'cdn.example', package: 'b@1.0.0', script: 'install' })).ok).toBe(false);
  expect(gate.events).toMatchObject([{ package: 'b@1.0.0', script: 'install', action: 'denied' }]);
});

test('what the helper saw becomes an event of its script', async () => {
  const gate = await grantedHost([]);
  const socket = connect(gate.gateway.socketPath);
  const line = { kind: 'event', class: 'dns', target: 'evil.example', evidence: 'A', ...SCRIPT };
  socket.write(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, class: 'network', target: '192.0.2.1:80' })}\n`);
  await expect.poll(() => gate.events.length).toBe(2);
  expect(gate.events[0]).toMatchObject({ class: 'dns', target: 'evil.example', action: 'denied', ...SCRIPT });
  socket.end(`${JSON.stringify({ ...line, package: 'unknown@1' })}\n{"kind":"event","class":"canary"}\n`);
  expect((await drain(socket)).length).toBe(0);
  expect(gate.events.length).toBe(2);
});

test.each([
  'nonsense\n',
  '{}\n',
  `${'x'.repeat(9000)}\n`,
  '{"kind":"connect","transport":"tls","host":"h","port":0}\n',
])('a first line that is none ends the connection: %.20s', async (line) => {
  const gate = await grantedHost(['cdn.example']);
  const socket = connect(gate.gateway.socketPath);
  socket.write(line);
  expect((await drain(socket)).length).toBe(0);
  expect(gate.events).toEqual([]);
});

test('a flood of attempts is counted, not told one by one', async () => {
  const gate = await grantedHost([]);
  const socket = connect(gate.gateway.socketPath);
  for (let i = 0; i < 1200; i++) {
    socket.write(`${JSON.stringify({ kind: 'event', class: 'dns', target: 'x.example', ...SCRIPT })}\n`);
  }
  await expect.poll(() => gate.gateway.metrics().hosts['x.example']?.denied).toBe(1200);
  expect(gate.events).toHaveLength(1000);
  expect(gate.events.at(-1)!.evidence).toContain('only counted');
});
