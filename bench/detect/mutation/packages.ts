import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { PackageFiles } from '../../../src/analyze/index.js';
import { fixtures } from '../fixtures.js';
import type { Sample } from '../sample.js';
import { type Files, scripts } from './mutate.js';

/** A malicious fixture whose payload is JavaScript in files. */
export interface Original {
  sample: Sample;
  files: Files;
}

// Their payload is their own text: a comment or what stands behind a marker, which a rewrite removes.
const TEXT_IS_PAYLOAD = /\.toString\(\)\.split\('\\n'\)|readFileSync\(__filename/;

/** The malicious fixtures that can be rewritten. */
export async function originals(): Promise<Original[]> {
  const all = await Promise.all(
    (await fixtures('malicious')).map(async (sample) => ({ sample, files: await read(sample.path) })),
  );
  return all.filter(({ sample, files }) => startsScripts(sample, files) && isScript(files));
}

/** The files as the analyzer takes them. */
export function asPackage(files: Files): PackageFiles {
  const copy = new Map(files);
  return {
    files: copy,
    variants: new Map(),
    modes: new Map(),
    plain: true,
    problems: [],
    integrity: null,
    bytes: [...copy.values()].reduce((sum, { length }) => sum + length, 0),
    entries: copy.size,
  };
}

async function read(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [relative(folder, path).split(sep).join('/'), await readFile(path)] as const),
    ),
  );
}

function isScript(files: Files): boolean {
  const texts = scripts(files).map((path) => Buffer.from(files.get(path) ?? '').toString('utf8'));
  const active = /\b(require|import|fetch|process|globalThis|document|window|eval|Function|constructor)\b|\\u00|゜|ﾟ/;
  return texts.some((text) => active.test(text)) && !texts.some((text) => TEXT_IS_PAYLOAD.test(text));
}

function startsScripts({ phase }: Sample, files: Files): boolean {
  if (phase !== 'install') return phase !== 'metadata';
  const starters = [...files.keys()].filter((path) => path === 'package.json' || /\.gypi?$/.test(path));
  return starters.some((path) => /\bnode\b/.test(Buffer.from(files.get(path) ?? '').toString('utf8')));
}
