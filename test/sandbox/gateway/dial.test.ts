import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { bypassesProxy, createDialer } from '../../../src/sandbox/gateway/dial.js';
import { GatewayConfigError } from '../../../src/sandbox/gateway/index.js';
import { SCRIPT, startGateway } from './gateway-client.js';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

test.each([
  ['*', true],
  ['example', true],
  ['.example', true],
  ['*.example', true],
  ['a.example', true],
  ['x, a.example', true],
  ['a.example:443', true],
  ['a.example:80', false],
  ['xample', false],
  ['b.example', false],
  ['', false],
  [undefined, false],
])('no-proxy "%s" covers a.example:443: %s', (list, expected) => {
  expect(bypassesProxy(list, 'a.example', 443)).toBe(expected);
});

test('no-proxy understands addresses', () => {
  expect(bypassesProxy('127.0.0.1,::1', '127.0.0.1', 4873)).toBe(true);
  expect(bypassesProxy('127.0.0.1,::1', '::1', 4873)).toBe(true);
  expect(bypassesProxy('0.0.1', '127.0.0.1', 4873)).toBe(false);
});

test('settings that cannot be used are configuration errors', () => {
  expect(() => createDialer({ cafile: '/nonexistent.pem' })).toThrow(GatewayConfigError);
  expect(() => createDialer({ httpsProxy: 'ftp://proxy.example' })).toThrow(GatewayConfigError);
});

test('a registry without TLS is asked through the plain proxy by whole URL', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url, request.headers['proxy-authorization']);
    response.end('{}');
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((listening) => proxy.once('listening', listening));
  closers.push(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const gate = await startGateway({
    registries: [{ url: 'http://registry.example:4873' }],
    upstream: { httpProxy: `http://u:p@127.0.0.1:${port}` },
  });
  closers.push(gate.close);
  gate.gateway.admit({ ...SCRIPT, hosts: [], canaries: [] });
  const { socket } = await gate.open({ transport: 'http', host: 'registry.example', port: 4873 });
  socket.write('GET /name HTTP/1.1\r\nHost: registry.example:4873\r\n\r\n');
  const answer = await new Promise<Buffer>((got) => socket.once('data', got));
  expect(answer.toString()).toContain('200 OK');
  expect(asked).toEqual(['http://registry.example:4873/name', `Basic ${Buffer.from('u:p').toString('base64')}`]);
  socket.destroy();
});
