import { posix } from 'node:path';
import type { Observation } from './observation.js';
import { type PackageFiles, textOf } from './package-files.js';
import { HOLE } from './task.js';

const LARGEST = 200_000;
const MOST_FILES = 200;
const OWN_PATH = /(?:\/project\/node_modules\/(?:@[^/\s'"]+\/)?[^/\s'"]+|(?<![\w.])\.)\/([^\s'"\uFFFC]+)/g;
const COPIES = /^(?:\S*\/)?(?:cp|rsync|install|ln|mv|xcopy|robocopy|Copy-Item|tar)\b/;

/** A text that stands in a file after a write, and the file of the package that it was made of. */
export interface WrittenContent {
  text: string;
  own: string | null;
}

/**
 * What a write puts into its file: the text, where it is known; otherwise the files of the package that it was made of, with the
 * placeholders that they have.
 */
export function writtenContents(seen: Observation, files: PackageFiles): WrittenContent[] {
  const known = seen.args
    .slice(1)
    .flatMap(({ text }) => (text === null || text.replaceAll(HOLE, '').trim() === '' ? [] : [{ text, own: null }]));
  return [...known, ...templatesOf(seen, files).map((own) => ({ text: contentOf(own, files), own }))];
}

/** Files of the package that a write was made of, or that are copied with their folder. */
export function templatesOf(seen: Observation, files: PackageFiles): string[] {
  const paths =
    seen.sink === 'fs.write'
      ? [
          ...seen.taints.flatMap(({ source, detail }) => (source === 'file.own' ? [detail.replace(/^\.\//, '')] : [])),
          ...seen.args.slice(1, 2).flatMap(({ text }) => ownPathsIn(text ?? '')),
        ]
      : seen.sink === 'process.spawn' && COPIES.test(seen.target ?? '')
        ? ownPathsIn(seen.target ?? '')
        : [];
  return [...new Set(paths)].flatMap((path) => filesAt(path, files)).slice(0, MOST_FILES);
}

function ownPathsIn(text: string): string[] {
  if (text.length > 2_000) return [];
  return [...text.matchAll(OWN_PATH)].map(([, path = '']) => posix.normalize(path).replace(/\/$/, ''));
}

function filesAt(path: string, { files }: PackageFiles): string[] {
  if (files.has(path)) return [path];
  if (path === '' || path === '.' || path.startsWith('..')) return [];
  return [...files.keys()].filter((each) => each.startsWith(`${path}/`));
}

function contentOf(path: string, { files }: PackageFiles): string {
  const bytes = files.get(path);
  return bytes === undefined || bytes.byteLength > LARGEST ? '' : textOf(bytes);
}
