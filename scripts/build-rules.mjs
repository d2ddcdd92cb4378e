// Part of the build: parses this package's rule files once, into dist/rules.json, by the hash of their text (src/yaml-text.ts),
// and checks rules and lists of indicators by their schemas: what fits here has not to be checked again by everybody.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const { indicatorSchema, ruleSchema } = await import(new URL('../dist/analyze/rules/schema.js', import.meta.url).href);
const parsed = {};
const checked = {};
for (const name of readdirSync(join(root, 'rules'), { recursive: true })) {
  if (!/\.ya?ml$/.test(name)) continue;
  const text = readFileSync(join(root, 'rules', name), 'utf8');
  const value = parse(text);
  // What JSON cannot hold stays to be parsed when it is read.
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) continue;
  const hash = createHash('sha256').update(text).digest('base64');
  parsed[hash] = value;
  const schema = name.startsWith('behaviours') ? ruleSchema : name.startsWith('indicators') ? indicatorSchema : null;
  const fits = schema?.safeParse(value);
  if (fits?.success === true && isDeepStrictEqual(JSON.parse(JSON.stringify(fits.data)), fits.data))
    checked[hash] = fits.data;
}
writeFileSync(join(root, 'dist', 'rules.json'), JSON.stringify({ parsed, checked }));
