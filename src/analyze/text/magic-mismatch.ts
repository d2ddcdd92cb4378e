import { posix } from 'node:path';
import { isExecutableMagic, type Magic, magicOf } from '../entry-points/index.js';
import { factAt } from '../fact.js';
import type { Fact } from '../observation.js';
import type { PackageFiles } from '../package-files.js';

const IMAGES: Readonly<Record<string, readonly Magic[]>> = {
  '.png': ['png'],
  '.jpg': ['jpeg'],
  '.jpeg': ['jpeg'],
  '.gif': ['gif'],
  '.ico': ['ico', 'png'],
  '.woff': ['woff'],
  '.woff2': ['woff'],
  '.pdf': ['pdf'],
};
const TEXTS = new Set([
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '.md',
  '.txt',
  '.css',
  '.html',
  '.yml',
  '.yaml',
  '.ts',
  '.map',
  '.svg',
  '.xml',
  '.lock',
  '.csv',
  '.dat',
  '.log',
]);

/** Files whose first bytes are an executable's while the name says otherwise, and images that are text. */
export function magicMismatches(files: PackageFiles): Fact[] {
  const facts: Fact[] = [];
  for (const [path, bytes] of files.files) {
    const extension = posix.extname(path).toLowerCase();
    const magic = magicOf(bytes);
    if (isExecutableMagic(magic) && (TEXTS.has(extension) || IMAGES[extension] !== undefined)) {
      facts.push(
        factAt('magic-mismatch.executable', `called ${extension}, but it is an executable (${magic})`, {
          file: path,
          line: 0,
        }),
      );
    } else if (
      IMAGES[extension] !== undefined &&
      bytes.byteLength > 32 &&
      !IMAGES[extension].includes(magic) &&
      isScriptText(bytes)
    ) {
      facts.push(factAt('magic-mismatch.text', `called ${extension}, but it holds code`, { file: path, line: 1 }));
    }
    if (facts.length > 40) break;
  }
  return facts;
}

function isScriptText(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  return (
    !head.includes('\0') &&
    /\b(?:require|import|function|eval|const|var|exec|import os)\b/.test(head) &&
    /[({;]/.test(head) &&
    !/^\s*</.test(head)
  );
}
