import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tar from 'tar';
import { stringify } from 'yaml';

const require = createRequire(import.meta.url);

/** A package to publish: a manifest and the text of its other files, made on the fly. */
export interface MadePackage {
  manifest: { name: string; version: string } & Record<string, unknown>;
  /** Path inside the package → content; a `mode` makes it executable. */
  files?: Record<string, string | { content: string; mode: number }>;
}

/** A real verdaccio on loopback, in a process of its own, with an empty storage and no uplink. */
export interface TestRegistry {
  /** Base URL with a trailing slash. */
  url: string;
  /** Verdaccio's storage folder: `<name>/<file>.tgz` and `<name>/package.json`. */
  storage: string;
  /** Publishes a folder that holds a package.json, byte for byte (nothing is left out). Returns the tarball's integrity. */
  publishFolder(folder: string): Promise<string>;
  /** Publishes a package made on the fly. Returns the tarball's integrity. */
  publish(made: MadePackage): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a registry and waits until it answers. */
export async function startRegistry(): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'si-registry-'));
  const storage = join(folder, 'storage');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = join(folder, 'config.yaml');
  await writeFile(
    config,
    stringify({
      storage,
      auth: { htpasswd: { file: join(folder, 'htpasswd') } },
      packages: { '**': { access: '$all', publish: '$all', unpublish: '$all' } },
      log: { type: 'stdout', format: 'json', level: 'error' },
      max_body_size: '100mb',
      web: { enable: false },
    }),
  );
  const bin = join(dirname(require.resolve('verdaccio/package.json')), 'bin', 'verdaccio');
  const child = spawn(process.execPath, [bin, '--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder, NODE_ENV: 'production' },
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk));
  await answers(url, child, () => log);

  const publishTarball = async (manifest: MadePackage['manifest'], tarball: Buffer): Promise<string> => {
    const { name, version } = manifest;
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const file = `${name.replace(/^@[^/]+\//, '')}-${version}.tgz`;
    const body = {
      _id: name,
      name,
      'dist-tags': { latest: version },
      versions: {
        [version]: {
          ...manifest,
          _id: `${name}@${version}`,
          dist: {
            integrity,
            shasum: createHash('sha1').update(tarball).digest('hex'),
            tarball: `${url}${name}/-/${file}`,
          },
        },
      },
      _attachments: {
        [`${name}-${version}.tgz`]: {
          content_type: 'application/octet-stream',
          data: tarball.toString('base64'),
          length: tarball.length,
        },
      },
    };
    const response = await fetch(url + name.replace('/', '%2f'), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`publishing ${name}@${version}: ${response.status} ${await response.text()}\n${log}`);
    }
    return integrity;
  };

  return {
    url,
    storage,
    publishFolder: async (from) => {
      const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as MadePackage['manifest'];
      return publishTarball(manifest, await packFolder(from));
    },
    publish: async (made) => publishTarball(made.manifest, await packMade(made)),
    stop: async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the tarball of a package made on the fly, as a buffer. */
export async function packMade(made: MadePackage): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'si-made-'));
  try {
    await writePackage(folder, made);
    return await packFolder(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a package made on the fly into a folder. */
export async function writePackage(folder: string, made: MadePackage): Promise<void> {
  const files = { 'package.json': `${JSON.stringify(made.manifest, null, 2)}\n`, ...made.files };
  for (const [path, file] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o644 } : file;
    await writeFile(join(folder, path), content, { mode });
  }
}

/** Packs every file of a folder below `package/`, with fixed times. */
export async function packFolder(folder: string): Promise<Buffer> {
  const stream = tar.create(
    { gzip: true, portable: true, cwd: folder, prefix: 'package', mtime: new Date('1985-10-26T08:15:00.000Z') },
    ['.'],
  );
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function answers(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (child.exitCode !== null) {
      throw new Error(`verdaccio ended with ${child.exitCode}:\n${log()}`);
    }
    try {
      await fetch(`${url}-/ping`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`verdaccio did not answer:\n${log()}`);
}
