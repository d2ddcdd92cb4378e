import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certified, makeAuthority, makeServer } from '../../../src/sandbox/gateway/certificate.js';
import { type Box, openBox } from './box.js';

// A company whose proxy ends all TLS with certificates of its own, as many do: registry and granted hosts exist behind it only.
const authority = makeAuthority('A company');
const REGISTRY = 'https://registry.example/';
const USER = `Basic ${Buffer.from('me@work:p:w').toString('base64')}`;
const pem = (key: Certified) => key.key.export({ type: 'pkcs8', format: 'pem' }).toString();

let inspector: ReturnType<typeof createTlsServer>;
let proxy: Server;
let folder: string;
let box: Box;
let asked: string[] = [];
let seen: string[] = [];

function context(name: string) {
  const server = makeServer(name, authority);
  return { key: pem(server), cert: server.certificate };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'si-company-'));
  writeFileSync(join(folder, 'company.pem'), authority.certificate);
  inspector = createTlsServer(
    {
      ...context('any.example'),
      SNICallback: (name, done) => done(null, createSecureContext(context(name))),
    },
    (request, response) => {
      seen.push(`${request.method} ${request.headers.host}${request.url} ${request.headers.authorization ?? '-'}`);
      const name = `behind ${request.headers.host}`;
      response.end(
        JSON.stringify({ name, 'dist-tags': { latest: '7.8.9' }, versions: { '7.8.9': { version: '7.8.9' } } }),
      );
    },
  );
  proxy = createServer();
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url!);
    if (request.headers['proxy-authorization'] !== USER) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const { port } = inspector.address() as AddressInfo;
    const inside = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    inside.on('error', () => socket.destroy());
    socket.on('error', () => inside.destroy());
    inside.pipe(socket).pipe(inside);
  });
  for (const server of [inspector, proxy]) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  }
});

afterEach(async () => {
  await box?.close();
  asked = [];
  seen = [];
});

afterAll(() => {
  for (const server of [inspector, proxy]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true });
});

const proxyUrl = () => `http://me%40work:p%3Aw@127.0.0.1:${(proxy.address() as AddressInfo).port}`;

const upstream = () => ({
  httpsProxy: proxyUrl(),
  noProxy: 'localhost,.inside.example',
  cafile: join(folder, 'company.pem'),
});

const BY_NODE = `node -e "require('https').get(process.env.npm_config_registry+'by-node',r=>r.pipe(process.stdout)).on('error',e=>console.log(e.code))"`;

describe('behind a proxy that inspects TLS', () => {
  it('scripts reach the registry, which is asked with the credentials of outside, and none of them are shown inside', async () => {
    box = await openBox({ registries: [{ url: REGISTRY, authorization: 'Bearer of-outside' }], upstream: upstream() });
    const run = await box.run(
      `curl -sS "$npm_config_registry"by-curl; ${BY_NODE}; npm view by-npm version; env; cat /proc/self/environ | tr '\\0' '\\n'`,
    );
    expect(run.output.match(/"name":"behind registry\.example"/g)).toHaveLength(2);
    expect(run.output).toContain('7.8.9\n');
    expect(run.output).not.toMatch(/of-outside|p%3Aw|p:w|me@work/);
    expect(seen.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'registry.example/by-curl Bearer of-outside',
      'registry.example/by-node Bearer of-outside',
      'registry.example/by-npm Bearer of-outside',
    ]);
    expect(new Set(asked)).toEqual(new Set(['registry.example:443']));
  });

  it('scripts reach a granted host, end to end in the TLS that the company gives them', async () => {
    box = await openBox({ registries: [{ url: REGISTRY }], upstream: upstream() });
    const get = `curl -sS https://cdn.example/file; node -e "fetch('https://cdn.example/node').then(r=>r.text()).then(console.log,e=>console.log(e.cause.code))"; python3 -c "import urllib.request as u; print(u.urlopen('https://cdn.example/python').read().decode())"`;
    const run = await box.run(get, { hosts: ['cdn.example'] });
    expect(run.output.match(/behind cdn\.example/g)).toHaveLength(3);
    const refused = await box.run(get);
    expect(refused.output).not.toContain('behind');
    expect(asked.every((place) => place === 'cdn.example:443')).toBe(true);
  });

  it('without its authority nothing is believed, inside or outside', async () => {
    box = await openBox({ registries: [{ url: REGISTRY }], upstream: { httpsProxy: proxyUrl() } });
    const run = await box.run(`curl -sS "$npm_config_registry"by-curl; curl -sS https://cdn.example/file`, {
      hosts: ['cdn.example'],
    });
    expect(run.output).not.toContain('behind');
    expect(seen).toEqual([]);
  });

  it('what NO_PROXY names is asked directly', async () => {
    box = await openBox({
      registries: [{ url: REGISTRY }],
      upstream: { ...upstream(), noProxy: 'registry.example' },
    });
    expect((await box.run('curl -sS "$npm_config_registry"x')).output).not.toContain('behind');
    expect(asked).toEqual([]);
  });

  it('the command line takes proxy and authority from the environment, as npm does', async () => {
    box = await openBox();
    box.put('package.json', '{"name":"p","version":"1.0.0"}');
    const bin = join(import.meta.dirname, '../../../bin/safe-install.js');
    const args = ['sandbox', '--as', 'node_modules/subject', '--', 'curl', '-sS', `${REGISTRY}by-curl`];
    const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args], {
      cwd: box.project,
      env: {
        ...process.env,
        SAFE_INSTALL_HOME: box.stateDir,
        HTTPS_PROXY: proxyUrl(),
        NODE_EXTRA_CA_CERTS: join(folder, 'company.pem'),
        npm_config_registry: REGISTRY,
        npm_config_cafile: '',
        npm_config_userconfig: join(folder, 'none'),
        npm_config_globalconfig: join(folder, 'none-global'),
      },
    });
    expect(stdout).toContain('behind registry.example');
    expect(new Set(asked)).toEqual(new Set(['registry.example:443']));
  });
});
