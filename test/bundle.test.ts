import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'bundle');
const built = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href;

describe('the bundle', () => {
  test('makes verdicts under the key of the code that it was made of', async () => {
    const { currentVerdictKey } = await import(built('analyze/verdict-key.js'));
    const code = readdirSync(bundle)
      .filter((name) => name.endsWith('.js'))
      .map((name) => ({ name, text: readFileSync(join(bundle, name), 'utf8') }));
    const { name } = code.find(({ text }) => /^export \{[^}]*\bcurrentVerdictKey\b/m.test(text)) ?? { name: '' };
    const { currentVerdictKey: bundled } = await import(built(`bundle/${name}`));
    expect(bundled([])).toBe(currentVerdictKey([]));
  });

  test('loads what the command and the threads need from few files', () => {
    const analyzer = readdirSync(bundle).filter((name) => /^analyzer.*\.js$/.test(name));
    expect(analyzer.length).toBeLessThan(10);
    const outside = analyzer.flatMap((name) =>
      [...readFileSync(join(bundle, name), 'utf8').matchAll(/^import .*? from "((?:@\w)?[^."][^"]*)";$/gm)].map(
        (match) => match[1] as string,
      ),
    );
    expect([...new Set(outside)].filter((name) => !isBuiltin(name)).sort()).toEqual([]);
  });

  test('tells the licence of every package that it holds', () => {
    const told = readFileSync(join(bundle, 'LICENSES.txt'), 'utf8');
    for (const name of ['@npmcli/arborist', 'pacote', 'tar', 'zod'])
      expect(told).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(told).toContain('The ISC License');
  });
});
