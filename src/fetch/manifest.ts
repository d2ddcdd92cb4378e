import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as tar from 'tar';
import { parseManifest, type TarballManifest } from './parse-manifest.js';

// What unpacks to more is read in pieces.
const WHOLE_BYTES = 128 * 1024 * 1024;
const inflate = promisify(gunzip);

/** Reads package.json out of a tarball file. Of two entries with one path the last counts, as it does on disk. */
export async function readTarballManifest(file: string): Promise<TarballManifest> {
  let text = '{}';
  let hasBindingGyp = false;
  const onReadEntry = (entry: tar.ReadEntry): void => {
    const path = entry.path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .slice(1)
      .join('/');
    if (path === 'binding.gyp' && /File$/.test(entry.type)) {
      hasBindingGyp = true;
    }
    if (path === 'package.json' && /File$/.test(entry.type)) {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => {
        text = Buffer.concat(chunks).toString('utf8');
      });
    } else {
      entry.resume();
    }
  };
  const bytes = await inflated(file);
  if (bytes === null) {
    await tar.list({ file, strict: false, onReadEntry });
  } else {
    const parser = new tar.Parser({ strict: false, onReadEntry });
    parser.write(bytes);
    parser.end();
  }
  return { ...parseManifest(text), hasBindingGyp };
}

// In one piece, by a thread of libuv's: a stream hands thousands of small ones through this thread, which has other things to do.
async function inflated(file: string): Promise<Buffer | null> {
  try {
    return await inflate(await readFile(file), { maxOutputLength: WHOLE_BYTES, chunkSize: 256 * 1024 });
  } catch {
    return null;
  }
}
