// A registry on loopback that fetches each packument and tarball once from the configured registry and keeps it in a
// folder: after the first round a bench needs no network, and cold installs do not measure somebody else's server.
// Run as its own process: `tsx bench/registry/serve.ts <folder>`; prints its URL as the first line.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { upstreamRegistry } from './upstream.js';

const SELF = 'self.invalid';
const packument = z.looseObject({
  versions: z.record(z.string(), z.looseObject({ dist: z.looseObject({ tarball: z.string() }) })).optional(),
});

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: serve.ts <folder>');
await mkdir(join(folder, 'packuments'), { recursive: true });
await mkdir(join(folder, 'tarballs'), { recursive: true });

const upstream = upstreamRegistry();
const memory = new Map<string, { body: Buffer; etag: string }>();
const underWay = new Map<string, Promise<string>>();

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.statusCode = 502;
    response.end(String(error));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x.invalid').pathname).slice(1);
  if (request.method !== 'GET') {
    response.statusCode = 405;
    response.end();
    return;
  }
  const tarball = /^(.+)\/-\/([^/]+\.tgz)$/.exec(path);
  if (tarball) {
    const file = await once(join(folder as string, 'tarballs', fileName(path)), `${upstream}${path}`, (bytes) => bytes);
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('cache-control', 'public, immutable, max-age=31557600');
    response.end(await readFile(file));
    return;
  }
  const corgi = /vnd\.npm\.install/.test(request.headers.accept ?? '');
  await answerPackument(path, corgi, request, response);
}

async function answerPackument(
  name: string,
  corgi: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = `${fileName(name)}${corgi ? '.corgi' : ''}.json`;
  let known = memory.get(key);
  if (!known) {
    const accept = corgi ? 'application/vnd.npm.install-v1+json' : 'application/json';
    const url = `${upstream}${name.replace('/', '%2f')}`;
    const file = await once(join(folder as string, 'packuments', key), url, (bytes) => withOwnTarballs(name, bytes), {
      accept,
    });
    const self = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const body = Buffer.from((await readFile(file, 'utf8')).replaceAll(SELF, self));
    known = { body, etag: `"${createHash('sha1').update(body).digest('hex')}"` };
    memory.set(key, known);
  }
  response.setHeader('etag', known.etag);
  response.setHeader('cache-control', 'public, max-age=300');
  response.setHeader('vary', 'accept-encoding, accept');
  if (request.headers['if-none-match'] === known.etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('content-type', corgi ? 'application/vnd.npm.install-v1+json' : 'application/json');
  response.end(known.body);
}

function withOwnTarballs(name: string, bytes: Buffer): Buffer {
  const parsed = packument.parse(JSON.parse(bytes.toString('utf8')));
  for (const version of Object.values(parsed.versions ?? {})) {
    const file = version.dist.tarball.slice(version.dist.tarball.lastIndexOf('/') + 1);
    version.dist.tarball = `http://${SELF}/${name}/-/${file}`;
  }
  return Buffer.from(JSON.stringify(parsed));
}

// Fetches into the folder unless the file is there; concurrent requests share one fetch.
async function once(
  file: string,
  url: string,
  transform: (bytes: Buffer) => Buffer,
  headers: Record<string, string> = {},
): Promise<string> {
  if (existsSync(file)) return file;
  let fetching = underWay.get(file);
  if (!fetching) {
    fetching = download(file, url, transform, headers).finally(() => underWay.delete(file));
    underWay.set(file, fetching);
  }
  return fetching;
}

async function download(
  file: string,
  url: string,
  transform: (bytes: Buffer) => Buffer,
  headers: Record<string, string>,
): Promise<string> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(temporary, transform(Buffer.from(await response.arrayBuffer())));
  await rename(temporary, file);
  return file;
}

function fileName(path: string): string {
  return path.replaceAll('/', '+');
}
