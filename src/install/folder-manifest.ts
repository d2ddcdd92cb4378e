import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest, type TarballManifest } from '../fetch/parse-manifest.js';

/** Reads what decides a folder's lifecycle scripts. */
export async function readFolderManifest(folder: string): Promise<TarballManifest> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  const gyp = await stat(join(folder, 'binding.gyp')).catch(() => null);
  return { ...parseManifest(text), hasBindingGyp: gyp?.isFile() === true };
}
