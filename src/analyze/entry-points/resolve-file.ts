import { posix } from 'node:path';
import type { ScanContext } from '../task.js';

const EXTENSIONS = ['', '.js', '.json', '.node', '.cjs', '.mjs', '.ts', '.mts', '.cts', '.tsx', '.jsx'];

/** Path inside the package that `node F` or `require('./F')` would load, by Node's rules and those of TypeScript runners; null when there is none. */
export function resolveFile(context: ScanContext, from: string, request: string): string | null {
  const clean = request.replace(/^file:(?:\/\/)?/, '').replaceAll('\\', '/');
  if (clean.startsWith('/') || /^[a-z]:\//i.test(clean)) return null;
  const base = posix.normalize(posix.join(from === '' ? '.' : from, clean)).replace(/\/$/, '');
  if (base.startsWith('..')) return null;
  const path = base === '.' ? '' : base;
  return loadAsFile(context, path) ?? loadAsFolder(context, path);
}

function loadAsFile(context: ScanContext, path: string): string | null {
  if (path === '') return null;
  for (const extension of EXTENSIONS) {
    if (context.files.files.has(path + extension)) return path + extension;
  }
  // A TypeScript runner maps `x.js` to `x.ts`.
  const swapped = path.replace(/\.([cm]?)js$/, '.$1ts');
  return swapped !== path && context.files.files.has(swapped) ? swapped : null;
}

function loadAsFolder(context: ScanContext, folder: string): string | null {
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const nested = context.files.files.get(at('package.json'));
  if (nested !== undefined && folder !== context.root) {
    const main = /"main"\s*:\s*"([^"]+)"/.exec(Buffer.from(nested).toString('utf8'))?.[1];
    if (main !== undefined) {
      const target = posix.normalize(posix.join(folder === '' ? '.' : folder, main));
      const found = loadAsFile(context, target) ?? loadAsFile(context, `${target}/index`);
      if (found !== null) return found;
    }
  } else if (folder === context.root && context.manifest.main !== undefined) {
    const target = posix.normalize(posix.join(folder === '' ? '.' : folder, context.manifest.main)).replace(/\/$/, '');
    const found = loadAsFile(context, target === '.' ? '' : target) ?? loadAsFile(context, `${target}/index`);
    if (found !== null) return found;
  }
  return loadAsFile(context, at('index'));
}
