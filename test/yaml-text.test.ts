import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TAINT_SCHEMAS } from '../src/analyze/javascript/taint/taint-models.js';
import { indicatorSchema, ruleSchema, separatorSchema } from '../src/analyze/rules/schema.js';
import { type checkedAtBuild, parseYaml } from '../src/yaml-text.js';

const root = fileURLToPath(new URL('..', import.meta.url));
let built: { parseYaml: typeof parseYaml; checkedAtBuild: typeof checkedAtBuild };

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build-rules.mjs')]);
  built = (await import(new URL('../dist/yaml-text.js', import.meta.url).href)) as typeof built;
});

test('the build has parsed every rule file, to what the parser gives', () => {
  const { parsed, checked } = JSON.parse(readFileSync(join(root, 'dist/rules.json'), 'utf8')) as {
    parsed: Record<string, unknown>;
    checked: Record<string, unknown>;
  };
  const files = readdirSync(join(root, 'rules'), { recursive: true }).filter((name) => /\.ya?ml$/.test(String(name)));
  expect(files.length).toBeGreaterThan(50);
  for (const name of files) {
    const text = readFileSync(join(root, 'rules', String(name)), 'utf8');
    const hash = createHash('sha256').update(text).digest('base64');
    // Each once: what was checked is not asked for as it stood.
    expect([hash in parsed, hash in checked].filter(Boolean), String(name)).toHaveLength(1);
    expect(built.parseYaml(text)).toEqual(parse(text));
    expect(parseYaml(text)).toEqual(parse(text));
  }
});

test('the build has checked rules, lists of indicators and taint tables, to what their schemas give', () => {
  for (const folder of ['behaviours', 'separators', 'indicators', 'taint'] as const) {
    for (const name of readdirSync(join(root, 'rules', folder))) {
      const kind = name.split(/[-.]/)[0] as keyof typeof TAINT_SCHEMAS;
      const schema = {
        behaviours: ruleSchema,
        separators: separatorSchema,
        indicators: indicatorSchema,
        taint: TAINT_SCHEMAS[kind],
      }[folder];
      const text = readFileSync(join(root, 'rules', folder, name), 'utf8');
      expect(built.checkedAtBuild(text), name).toEqual(schema.parse(parse(text)));
      expect(built.checkedAtBuild(`${text}\n`)).toBeUndefined();
    }
  }
});

test('a text with one other letter is parsed anew', () => {
  const text = readFileSync(join(root, 'rules/taint/sinks.yaml'), 'utf8');
  expect(built.parseYaml(`${text}\nmore: 1\n`)).toEqual({ ...parse(text), more: 1 });
});

test('what is no YAML is an error that says where', () => {
  expect(() => built.parseYaml('a: [')).toThrow(/line 1|Flow/);
});
