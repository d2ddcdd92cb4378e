import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseYaml } from '../src/yaml-text.js';

const root = fileURLToPath(new URL('..', import.meta.url));
let built: { parseYaml: typeof parseYaml };

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build-rules.mjs')]);
  built = (await import(new URL('../dist/yaml-text.js', import.meta.url).href)) as typeof built;
});

test('the build has parsed every rule file, to what the parser gives', () => {
  const prebuilt = JSON.parse(readFileSync(join(root, 'dist/rules.json'), 'utf8')) as Record<string, unknown>;
  const files = readdirSync(join(root, 'rules'), { recursive: true }).filter((name) => /\.ya?ml$/.test(String(name)));
  expect(files.length).toBeGreaterThan(50);
  for (const name of files) {
    const text = readFileSync(join(root, 'rules', String(name)), 'utf8');
    expect(prebuilt).toHaveProperty([createHash('sha256').update(text).digest('base64')]);
    expect(built.parseYaml(text)).toEqual(parse(text));
    expect(parseYaml(text)).toEqual(parse(text));
  }
});

test('a text with one other letter is parsed anew', () => {
  const text = readFileSync(join(root, 'rules/taint/sinks.yaml'), 'utf8');
  expect(built.parseYaml(`${text}\nmore: 1\n`)).toEqual({ ...parse(text), more: 1 });
});

test('what is no YAML is an error that says where', () => {
  expect(() => built.parseYaml('a: [')).toThrow(/line 1|Flow/);
});
