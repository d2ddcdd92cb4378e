// Part of the build: parses this package's rule files once, into dist/rules.json, by the hash of their text (src/yaml-text.ts).
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const parsed = {};
for (const name of readdirSync(join(root, 'rules'), { recursive: true })) {
  if (!/\.ya?ml$/.test(name)) continue;
  const text = readFileSync(join(root, 'rules', name), 'utf8');
  const value = parse(text);
  // What JSON cannot hold stays to be parsed when it is read.
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) continue;
  parsed[createHash('sha256').update(text).digest('base64')] = value;
}
writeFileSync(join(root, 'dist', 'rules.json'), JSON.stringify(parsed));
