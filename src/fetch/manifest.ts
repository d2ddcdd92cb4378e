import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as tar from 'tar';
import { z } from 'zod';

/** What of a tarball decides which lifecycle scripts npm runs. */
export interface TarballManifest {
  name: string;
  version: string;
  scripts: Record<string, string>;
  gypfile: boolean | undefined;
  /** A binding.gyp beside package.json: npm runs `node-gyp rebuild` where no install script is named. */
  hasBindingGyp: boolean;
  bin: Record<string, string>;
}

const manifestSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).optional().catch(undefined),
  gypfile: z.boolean().optional().catch(undefined),
  bin: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .catch(undefined),
});

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

/** Reads the script-deciding parts of a package.json's text; a broken one has no scripts. */
export function parseManifest(text: string): Omit<TarballManifest, 'hasBindingGyp'> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    json = {};
  }
  const parsed = manifestSchema.safeParse(json);
  const manifest = parsed.success ? parsed.data : {};
  const bin =
    typeof manifest.bin === 'string'
      ? { [(manifest.name ?? '').replace(/^@[^/]+\//, '')]: manifest.bin }
      : onlyStrings(manifest.bin);
  return {
    name: manifest.name ?? '(unnamed)',
    version: manifest.version ?? '',
    scripts: onlyStrings(manifest.scripts),
    gypfile: manifest.gypfile,
    bin,
  };
}

function onlyStrings(record: Record<string, unknown> | undefined): Record<string, string> {
  const entries = Object.entries(record ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}
