import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { appendFileSync, chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import packet from 'dns-packet';
import * as tar from 'tar';
import type { World } from './world.js';

const listening = (server: {
  once(event: 'listening', done: () => void): unknown;
  once(event: 'error', failed: (error: Error) => void): unknown;
}) =>
  new Promise<void>((done, failed) => {
    server.once('listening', done);
    server.once('error', failed);
  });

/** What an honest registry answers for the package `subject`, and for everything else. */
async function registryAnswers(world: World): Promise<(path: string) => [status: number, body: string | Buffer]> {
  const folder = join(world.ROOT, 'served');
  mkdirSync(join(folder, 'package'), { recursive: true });
  const manifest = { name: 'subject', version: '1.0.0', main: 'index.js' };
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package/index.js'), "module.exports = 'served';\n");
  await tar.create({ gzip: true, cwd: folder, file: join(folder, 'subject.tgz'), portable: true }, ['package']);
  const tarball = readFileSync(join(folder, 'subject.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { integrity, tarball: `${world.REGISTRY}subject/-/subject-1.0.0.tgz` };
  const versions = { '1.0.0': { ...manifest, dist } };
  const packument = JSON.stringify({ name: 'subject', 'dist-tags': { latest: '1.0.0' }, versions });
  return (path) => {
    if (path === '/subject') return [200, packument];
    if (path === '/subject/-/subject-1.0.0.tgz') return [200, tarball];
    return [404, '{"error":"not found"}'];
  };
}

/**
 * Starts everything of a world that can be reached by network or socket: a service on all addresses, cloud metadata, a DNS
 * server that knows every name, a registry that writes down what it is asked, a socket like docker's, an abstract one.
 */
export async function startServers(world: World): Promise<void> {
  const answerOf = await registryAnswers(world);
  const log = (line: string) => appendFileSync(world.LOG, `${line}\n`);
  const service = () =>
    createServer((request, response) => {
      log(`service ${request.method} ${request.url}`);
      response.end('world\n');
    });
  const everywhere = service().listen(world.PORT, '::');
  const metadata = service().listen(80, '169.254.169.254');
  const registry = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk));
    request.on('end', () => {
      const { host, authorization, 'x-data': data } = request.headers;
      log(
        `registry ${request.method} ${request.url} host=${host} authorization=${authorization} x-data=${data} body=${body}`,
      );
      const [status, text] = answerOf(request.url ?? '');
      const type = typeof text === 'string' ? 'application/json' : 'application/octet-stream';
      response.writeHead(status, { 'content-type': type }).end(text);
    });
  }).listen(Number(new URL(world.REGISTRY).port), '127.0.0.1');
  const socket = join(world.TMP, 'docker.sock');
  rmSync(socket, { force: true });
  const docker = createTcpServer((client) => client.on('error', () => client.destroy()).end('world')).listen(socket);
  const abstract = createTcpServer((client) => client.on('error', () => client.destroy()).end('world')).listen(
    `\0si-${world.WORLD}`,
  );
  await Promise.all([everywhere, metadata, registry, docker, abstract].map(listening));
  chmodSync(socket, 0o777);
  chownSync(socket, world.UID, world.GID);

  const datagrams = createSocket({ type: 'udp6', ipv6Only: false });
  datagrams.on('message', (message) => log(message.toString()));
  datagrams.bind(world.UDP);
  const waits = [listening(datagrams)];
  for (const address of ['127.0.0.53', world.LAN]) {
    const dns = createSocket('udp4');
    dns.on('message', (message, from) => {
      const query = packet.decode(message);
      const [question] = query.questions ?? [];
      log(`dns ${question?.name}`);
      const known = question?.type === 'A';
      const answers = known ? [{ type: 'A' as const, name: question.name, ttl: 1, data: world.LAN }] : [];
      dns.send(
        packet.encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], answers }),
        from.port,
        from.address,
      );
    });
    dns.bind(53, address);
    waits.push(listening(dns));
  }
  await Promise.all(waits);
}
