import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { drain, SCRIPT, startGateway, startServer, type TestGateway } from './gateway-client.js';

const TARBALL = Buffer.from('tarball bytes');
let closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** A registry that records what reached it. */
async function registry(tlsName?: string) {
  const seen: { method: string; url: string; headers: IncomingHttpHeaders }[] = [];
  const server = await startServer((request, response) => {
    seen.push({ method: request.method!, url: request.url!, headers: request.headers });
    if (request.url!.includes('missing')) response.writeHead(404).end('{}');
    else if (request.url!.endsWith('.tgz')) response.end(TARBALL);
    else response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end('{"name":"x"}');
  }, tlsName);
  closers.push(server.close);
  return { seen, ...server };
}

type Answer = { status: number; body: string; headers: IncomingHttpHeaders } | null;

/** Sends one request over an open connection; null where the connection ended without an answer. */
function ask(
  socket: Socket,
  path: string,
  options: { method?: string; headers?: object; body?: string; host: string },
) {
  return new Promise<Answer>((resolve) => {
    const request = httpRequest({
      createConnection: () => socket,
      path,
      method: options.method ?? 'GET',
      headers: { host: options.host, ...options.headers },
    });
    request.on('response', async (response) => {
      const body = await drain(response);
      resolve({ status: response.statusCode!, body: body.toString(), headers: response.headers });
    });
    request.on('error', () => resolve(null));
    request.end(options.body);
  });
}

async function secured(gate: TestGateway, host: string, port: number, servername = host): Promise<TLSSocket> {
  const { ok, socket } = await gate.open({ transport: 'tls', host, port });
  expect(ok).toBe(true);
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ socket, servername, ca: gate.gateway.certificate });
    secure.once('secureConnect', () => resolve(secure));
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('closed')));
  });
}

async function plainGate(options: Parameters<typeof startGateway>[0] = {}, canary = 'canary-unused-0123456789') {
  const upstream = await registry();
  const gate = await startGateway({
    registries: [{ url: `http://127.0.0.1:${upstream.port}/`, authorization: 'Bearer outside' }],
    ...options,
  });
  closers.push(gate.close);
  gate.gateway.admit({ ...SCRIPT, hosts: [], canaries: [{ value: canary, planted: '~/.npmrc' }] });
  const host = `127.0.0.1:${upstream.port}`;
  const get = async (path: string, rest: object = {}) => {
    const { ok, socket } = await gate.open({ transport: 'http', host: '127.0.0.1', port: upstream.port });
    expect(ok).toBe(true);
    return ask(socket, path, { host, ...rest });
  };
  return { ...gate, upstream, get, host };
}

test('package metadata passes, with the credentials of outside and none of inside', async () => {
  const gate = await plainGate();
  const headers = { authorization: 'Bearer inside', cookie: 'c', 'npm-otp': '1', 'x-data': 'y' };
  const answer = await gate.get('/@scope%2fname', { headers });
  expect(answer).toMatchObject({ status: 200, body: '{"name":"x"}' });
  expect(answer!.headers['set-cookie']).toBeUndefined();
  expect(gate.upstream.seen).toHaveLength(1);
  expect(gate.upstream.seen[0]!.headers).toEqual({
    host: gate.host,
    authorization: 'Bearer outside',
    'user-agent': 'safe-install',
    connection: 'keep-alive',
  });
  expect(gate.events).toMatchObject([{ class: 'registry', action: 'allowed', ...SCRIPT }]);
});

test.each([
  ['PUT publishes', '/name', { method: 'PUT', body: '{}' }],
  ['POST', '/-/npm/v1/security/advisories/bulk', { method: 'POST', body: '{}' }],
  ['DELETE', '/name', { method: 'DELETE' }],
  ['a body on GET', '/name', { headers: { 'content-length': '2' }, body: 'ab' }],
  ['another Host', '/name', { headers: { host: 'other.example' } }],
  ['an upgrade', '/name', { headers: { connection: 'upgrade', upgrade: 'websocket' } }],
  ['search', '/-/v1/search?text=x', {}],
  ['a query', '/name?x=data', {}],
  ['dot segments', '/name/../-/user/x', {}],
  ['encoded dot segments', '/name/%2e%2e/x', {}],
  ['whoami', '/-/whoami', {}],
  ['a user token list', '/-/npm/v1/tokens', {}],
  ['another file type', '/name/-/name-1.0.0.exe', {}],
  ['a tarball of another name', '/name/-/other-1.0.0.tgz', {}],
])('%s is refused without an answer and without reaching the registry', async (_what, path, rest) => {
  const gate = await plainGate();
  expect(await gate.get(path, rest)).toBeNull();
  expect(gate.upstream.seen).toEqual([]);
  expect(gate.events).toMatchObject([{ class: 'registry', action: 'denied' }]);
});

test('a decoy credential does not leave in path, query or header, whatever its encoding', async () => {
  const canary = 'npm_k3J9xQ2mVb7LwT5zRc8YpD4f';
  const forms = {
    raw: canary,
    base64: Buffer.from(`{"t":"${canary}"}`).toString('base64').replace(/=+$/, ''),
    'shifted base64': Buffer.from(`x${canary}`).toString('base64url'),
    hex: Buffer.from(canary).toString('hex'),
    percent: [...Buffer.from(canary)].map((b) => `%${b.toString(16)}`).join(''),
    'hex of base64': Buffer.from(Buffer.from(canary).toString('base64')).toString('hex'),
    reversed: [...canary].reverse().join(''),
  };
  for (const [form, text] of Object.entries(forms)) {
    const gate = await plainGate({}, canary);
    expect(await gate.get(`/pkg-${text}`), form).toBeNull();
    expect(await gate.get(`/pkg?x=${text}`), form).toBeNull();
    expect(await gate.get('/pkg', { headers: { 'x-id': text } }), form).toBeNull();
    expect(gate.upstream.seen, form).toEqual([]);
    expect(gate.events.map((event) => event.class)).toEqual(['canary', 'canary', 'canary']);
    expect(gate.events[0]!.evidence).toContain('~/.npmrc');
  }
});

test('a decoy credential cut into labels of a host name is seen', async () => {
  const canary = 'npm_k3J9xQ2mVb7LwT5zRc8YpD4f';
  const gate = await plainGate({}, canary);
  const name = `${canary.slice(0, 14)}.${canary.slice(14)}.collect.example`.toLowerCase();
  expect((await gate.open({ host: name })).ok).toBe(false);
  expect(gate.events).toMatchObject([{ class: 'canary', action: 'denied' }]);
});

test('a tarball passes when the scanner allows it, and not one byte of it otherwise', async () => {
  const scanned: string[] = [];
  const scanTarball = async (bytes: Uint8Array, url: string) => {
    scanned.push(`${url} ${Buffer.from(bytes)}`);
    return url.includes('bad') ? ('review' as const) : ('allow' as const);
  };
  const gate = await plainGate({ scanTarball });
  const good = await gate.get('/@s/good/-/good-1.0.0-rc.1.tgz');
  expect(good).toMatchObject({ status: 200, body: 'tarball bytes' });
  expect(await gate.get('/bad/-/bad-1.0.0.tgz')).toBeNull();
  expect(scanned).toEqual([
    `http://${gate.host}/@s/good/-/good-1.0.0-rc.1.tgz tarball bytes`,
    `http://${gate.host}/bad/-/bad-1.0.0.tgz tarball bytes`,
  ]);
  expect(gate.events.at(-1)).toMatchObject({ action: 'denied', evidence: 'scanner says review' });
});

test('names that the registry does not know cannot be asked for without end', async () => {
  const gate = await plainGate();
  const answers: (number | null)[] = [];
  for (let i = 0; i < 26; i++) answers.push((await gate.get(`/missing-${i}`))?.status ?? null);
  expect(answers.slice(0, 24)).toEqual(Array(24).fill(404));
  expect(answers.slice(24)).toEqual([null, null]);
});

test('a TLS registry is ended with the run certificate and asked under its own', async () => {
  const upstream = await registry('registry.example');
  const gate = await startGateway({
    registries: [{ url: `https://registry.example:${upstream.port}/npm/`, authorization: 'Basic b3V0' }],
    upstream: { ca: [upstream.ca] },
    lookup: async () => ['127.0.0.1'],
    scanTarball: async () => 'allow',
  });
  closers.push(gate.close);
  gate.gateway.admit({ ...SCRIPT, hosts: [], canaries: [] });
  const host = `registry.example:${upstream.port}`;
  const socket = await secured(gate, 'registry.example', upstream.port);
  expect(await ask(socket, '/npm/name', { host })).toMatchObject({ status: 200 });
  expect(upstream.seen[0]).toMatchObject({ url: '/npm/name', headers: { authorization: 'Basic b3V0', host } });
  const again = await secured(gate, 'registry.example', upstream.port);
  expect(await ask(again, '/name', { host }), 'outside the base path').toBeNull();
  const put = await secured(gate, 'registry.example', upstream.port);
  expect(await ask(put, '/npm/name', { host, method: 'PUT', body: '{}' })).toBeNull();
  await expect(secured(gate, 'registry.example', upstream.port, 'other.example')).rejects.toThrow();
  expect(upstream.seen).toHaveLength(1);
  expect(gate.events.at(-1)).toMatchObject({ class: 'network', action: 'denied' });
  expect(gate.gateway.metrics().latencyMs).toMatchObject({ count: 1 });
});

test('an upstream certificate that the user does not trust is an error, not an answer', async () => {
  const upstream = await registry('registry.example');
  const gate = await startGateway({
    registries: [{ url: `https://registry.example:${upstream.port}/` }],
    lookup: async () => ['127.0.0.1'],
  });
  closers.push(gate.close);
  gate.gateway.admit({ ...SCRIPT, hosts: [], canaries: [] });
  const socket = await secured(gate, 'registry.example', upstream.port);
  expect(await ask(socket, '/name', { host: `registry.example:${upstream.port}` })).toBeNull();
  expect(gate.events.at(-1)!.evidence).toMatch(/could not be asked/);
  expect(upstream.seen).toEqual([]);
});

test('clients that ask a proxy get the registry by whole URL, CONNECT and SOCKS5', async () => {
  const gate = await plainGate();
  const via = await gate.open({ transport: 'connect', port: 8080 });
  const answer = await ask(via.socket, `http://${gate.host}/name`, { host: gate.host });
  expect(answer).toMatchObject({ status: 200 });

  const tunnelled = await gate.open({ transport: 'connect', port: 8080 });
  tunnelled.socket.write(`CONNECT ${gate.host} HTTP/1.1\r\nHost: ${gate.host}\r\n\r\n`);
  const granted = await new Promise<Buffer>((got) => tunnelled.socket.once('data', got));
  expect(granted.toString()).toBe('HTTP/1.1 200 Connection Established\r\n\r\n');
  expect(await ask(tunnelled.socket, '/name', { host: gate.host })).toMatchObject({ status: 200 });

  const socks = await gate.open({ transport: 'socks', port: 1080 });
  socks.socket.write(Buffer.from([5, 1, 0]));
  expect(await new Promise<Buffer>((got) => socks.socket.once('data', got))).toEqual(Buffer.from([5, 0]));
  const port = Buffer.from([gate.upstream.port >> 8, gate.upstream.port & 255]);
  socks.socket.write(Buffer.concat([Buffer.from([5, 1, 0, 1, 127, 0, 0, 1]), port]));
  expect((await new Promise<Buffer>((got) => socks.socket.once('data', got)))[1]).toBe(0);
  expect(await ask(socks.socket, '/name', { host: gate.host })).toMatchObject({ status: 200 });
  expect(gate.upstream.seen).toHaveLength(3);
});

test('what a proxy client asks beyond the grant ends without a body', async () => {
  const gate = await plainGate();
  for (const head of [
    'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n',
    `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n`,
    'GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: other.example\r\n\r\n',
    'nonsense\r\n\r\n',
  ]) {
    const { socket } = await gate.open({ transport: 'connect', port: 8080 });
    socket.write(head);
    expect((await drain(socket)).toString(), head).toBe('');
  }
  const socks = await gate.open({ transport: 'socks', port: 1080 });
  socks.socket.write(
    Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 3, 13]), Buffer.from('other.example'), Buffer.from([1, 187])]),
  );
  expect(await drain(socks.socket)).toEqual(Buffer.from([5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0]));
  expect(gate.upstream.seen).toEqual([]);
});

test('curl trusts the run certificate for the registry and for nothing else', async () => {
  const upstream = await registry('registry.example');
  const gate = await startGateway({
    registries: [{ url: `https://registry.example:${upstream.port}/` }],
    upstream: { ca: [upstream.ca] },
    lookup: async () => ['127.0.0.1'],
  });
  closers.push(gate.close);
  gate.gateway.admit({ ...SCRIPT, hosts: [], canaries: [] });
  const folder = mkdtempSync(join(tmpdir(), 'gw-curl-'));
  closers.push(async () => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ca.pem'), gate.gateway.certificate);
  const helper = createServer(async (client) => {
    const { socket } = await gate.open({ host: 'registry.example', port: upstream.port });
    client.pipe(socket).pipe(client);
    client.on('error', () => {}).on('close', () => socket.destroy());
    socket.on('error', () => {}).on('close', () => client.destroySoon());
  });
  helper.listen(0, '127.0.0.1');
  await new Promise((listening) => helper.once('listening', listening));
  closers.push(() => new Promise((closed) => helper.close(closed)));
  const via = `registry.example:${upstream.port}:127.0.0.1:${(helper.address() as AddressInfo).port}`;
  const curl = (...args: string[]) =>
    promisify(execFile)('curl', ['-sS', '--http1.1', '--cacert', join(folder, 'ca.pem'), '--connect-to', via, ...args]);
  const { stdout } = await curl(`https://registry.example:${upstream.port}/name`, '-w', ' %{http_code}');
  expect(stdout).toBe('{"name":"x"} 200');
  const put = curl('-X', 'PUT', '-d', '{}', `https://registry.example:${upstream.port}/name`);
  await expect(put).rejects.toMatchObject({ code: 52, stdout: '' });
});
