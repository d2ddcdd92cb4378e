import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** How many packages a name `synthetic-<n>` asks for; null for other names. */
export function syntheticCount(name: string): number | null {
  const count = /^synthetic-([1-9]\d{0,4})$/.exec(name)?.[1];
  return count === undefined ? null : Number(count);
}

/**
 * Makes a project of `count` packages that nobody wrote, and puts their tarballs where the loopback registry keeps its own.
 * All packages follow one distribution, so cost over `count` says whether it grows linearly with the bytes. Every tenth
 * package holds files with `fs` and `https`, which a pre-filter by words cannot drop.
 *
 * @returns the folder with package.json and package-lock.json
 */
export async function makeSynthetic(count: number, folder: string, registryFolder: string): Promise<string> {
  const lockFile = join(folder, 'package-lock.json');
  if (existsSync(lockFile)) return folder;
  const tarballs = join(registryFolder, 'tarballs');
  const packuments = join(registryFolder, 'packuments');
  await mkdir(tarballs, { recursive: true });
  await mkdir(packuments, { recursive: true });
  await mkdir(folder, { recursive: true });
  const dependencies: Record<string, string> = {};
  const packages: Record<string, unknown> = {};
  for (let number = 0; number < count; number += 1) {
    const name = `synthetic-package-${String(number).padStart(5, '0')}`;
    const bytes = tarballOf(name, number);
    await writeFile(join(tarballs, `${name}+-+${name}-1.0.0.tgz`), bytes);
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    await writePackument(packuments, name, integrity);
    packages[`node_modules/${name}`] = { version: '1.0.0', integrity, license: 'MIT' };
    dependencies[name] = '1.0.0';
  }
  const root = { name: `bench-synthetic-${count}`, version: '1.0.0', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...root, private: true }, null, 2));
  const lock = { ...root, lockfileVersion: 3, requires: true, packages: { '': root, ...packages } };
  const { dependencies: _, ...locked } = lock;
  await writeFile(lockFile, JSON.stringify(locked, null, 2));
  return folder;
}

// Asked for by tools that know no npm lock file; the registry puts its own address in the place of this host.
async function writePackument(folder: string, name: string, integrity: string): Promise<void> {
  const dist = { tarball: `http://self.invalid/${name}/-/${name}-1.0.0.tgz`, integrity };
  const version = { name, version: '1.0.0', dist };
  const text = JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } });
  for (const kind of ['.json', '.corgi.json']) await writeFile(join(folder, `${name}${kind}`), text);
}

function tarballOf(name: string, number: number): Buffer {
  const next = sequence(number + 1);
  const manifest = JSON.stringify({ name, version: '1.0.0', main: 'index.js', license: 'MIT' }, null, 2);
  const files = new Map([
    ['package.json', manifest],
    ['README.md', `# ${name}\n\n${'Generated for measuring. '.repeat(40)}\n`],
    ['index.js', `'use strict';\nmodule.exports = { ...require('./lib/a.js'), ...require('./lib/b.js') };\n`],
    ['lib/a.js', functions(next, 12)],
    ['lib/b.js', number % 10 === 0 ? withSystem(next) : functions(next, 12)],
    ['lib/unused.js', functions(next, 40)],
    ['index.d.ts', `export declare function each(value: number): number;\n`.repeat(30)],
  ]);
  const blocks: Buffer[] = [];
  for (const [path, text] of files) {
    const body = Buffer.from(text);
    const block = Buffer.alloc(512);
    new Header({ path: `package/${path}`, mode: 0o644, type: 'File', size: body.length, mtime: new Date(0) }).encode(
      block,
    );
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function functions(next: () => number, count: number): string {
  const lines = ["'use strict';"];
  for (let at = 0; at < count; at += 1) {
    const [a, b] = [next(), next()];
    lines.push(
      `function step${at}(value, options) {`,
      `  const width = options && options.width ? options.width : ${a % 97};`,
      `  const parts = String(value + ${b % 1009}).split('').map((part) => Number(part) * width);`,
      `  return parts.reduce((sum, part) => (part > ${a % 13} ? sum + part : sum - ${b % 7}), 0);`,
      '}',
      `exports.step${at} = step${at};`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function withSystem(next: () => number): string {
  return `${functions(next, 12)}
const fs = require('fs');
const https = require('https');
exports.settings = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
exports.ask = (url, done) => https.get(url, (answer) => answer.on('data', (part) => done(String(part))));
`;
}

// A small linear congruential generator: the same packages on every machine.
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}
