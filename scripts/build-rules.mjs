// Part of the build: parses this package's rule files once, into dist/rules.json, by the hash of their text (src/yaml-text.ts),
// and checks rules, lists of indicators and taint tables by their schemas: what fits here has not to be checked again by everybody.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const { indicatorSchema, ruleSchema, separatorSchema } = await import(
  new URL('../dist/analyze/rules/schema.js', import.meta.url).href
);
const { TAINT_SCHEMAS } = await import(
  new URL('../dist/analyze/javascript/taint/taint-models.js', import.meta.url).href
);
const parsed = {};
const checked = {};
for (const name of readdirSync(join(root, 'rules'), { recursive: true })) {
  if (!/\.ya?ml$/.test(name)) continue;
  const text = readFileSync(join(root, 'rules', name), 'utf8');
  const value = parse(text);
  // What JSON cannot hold stays to be parsed when it is read.
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) continue;
  const hash = createHash('sha256').update(text).digest('base64');
  const fits = schemaOf(name)?.safeParse(value);
  if (fits?.success === true && isDeepStrictEqual(JSON.parse(JSON.stringify(fits.data)), fits.data))
    checked[hash] = fits.data;
  else parsed[hash] = value;
}
writeFileSync(join(root, 'dist', 'rules.json'), JSON.stringify({ parsed, checked }));

function schemaOf(name) {
  const [folder, file] = name.split(sep);
  if (folder === 'behaviours') return ruleSchema;
  if (folder === 'separators') return separatorSchema;
  if (folder === 'indicators') return indicatorSchema;
  return folder === 'taint' ? TAINT_SCHEMAS[file.split(/[-.]/)[0]] : undefined;
}
