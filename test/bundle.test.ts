import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
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
    const { name } = code.find(({ text }) => /\bexport\s?\{[^}]*\bcurrentVerdictKey\b/.test(text)) ?? { name: '' };
    const { currentVerdictKey: bundled } = await import(built(`bundle/${name}`));
    expect(bundled([])).toBe(currentVerdictKey([]));
  });

  test('loads what the command and the threads need from few files', () => {
    const analyzer = readdirSync(bundle).filter((name) => /^analyzer.*\.js$/.test(name));
    expect(analyzer.length).toBeLessThan(10);
    const outside = analyzer.flatMap((name) =>
      [...readFileSync(join(bundle, name), 'utf8').matchAll(/\bimport\b[^;"]*\bfrom\s?"([^"]*)";/g)].map(
        (match) => match[1] as string,
      ),
    );
    expect(outside).toContain('node:fs');
    expect([...new Set(outside)].filter((name) => !isBuiltin(name) && !name.startsWith('./')).sort()).toEqual([]);
  });

  test('loads arborist without what it has for the network, for queries and for workspaces', () => {
    const holds = (name: string): boolean =>
      readFileSync(join(bundle, name), 'utf8').includes('node_modules/@npmcli/arborist/lib/arborist/index.js"(');
    const name = readdirSync(bundle).find((file) => /^cli.*\.js$/.test(file) && holds(file)) ?? '';
    const code = `await import(${JSON.stringify(built(`bundle/${name}`))}); console.log(process.moduleLoadList.join())`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(stdout).toContain('NativeModule path');
    expect(stdout).not.toMatch(/NativeModule (https|tls|http2)\b/);
  });

  test('leaves the code that its threads compiled to the next run, which takes nothing else for it', () => {
    const home = mkdtempSync(join(tmpdir(), 'si-bundle-'));
    const scan = (): number | null => {
      const argv = [join(root, 'bin', 'safe-install.js'), 'scan', join(root, 'examples', 'colour-banner')];
      return spawnSync(process.execPath, argv, { env: { ...process.env, SAFE_INSTALL_HOME: home } }).status;
    };
    const files = (): string[] =>
      readdirSync(join(home, 'compile-cache'), { recursive: true })
        .map((name) => join(home, 'compile-cache', String(name)))
        .filter((file) => statSync(file).size > 300_000);
    try {
      const status = scan();
      // The analyzer is by far the largest part.
      const [kept = ''] = files();
      const bytes = readFileSync(kept);
      expect(scan()).toBe(status);
      expect(readFileSync(kept).equals(bytes)).toBe(true);
      const damaged = Buffer.from(bytes);
      damaged.fill(7, damaged.length >> 1);
      writeFileSync(kept, damaged);
      expect(scan()).toBe(status);
      expect(readFileSync(kept).equals(damaged)).toBe(false);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test('has the parser and its table in the analyzer, which needs no package of its own beside it', () => {
    const [analyzer = ''] = readdirSync(bundle).filter((name) => /^scan-.*\.cjs$/.test(name));
    const text = readFileSync(join(bundle, analyzer), 'utf8');
    expect(text).toMatch(/require\d*\("node:fs"/);
    expect(text).not.toMatch(/require\d*\("@babel/);
    const table = /VISITOR_KEYS:\s?(\{[^}]*\})/.exec(text)?.[1] ?? '';
    expect(table).toContain('ArrowFunctionExpression');
  });

  test('tells the licence of every package that it holds', () => {
    const told = readFileSync(join(bundle, 'LICENSES.txt'), 'utf8');
    for (const name of ['@npmcli/arborist', 'pacote', 'tar', 'zod'])
      expect(told).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(told).toContain('The ISC License');
  });
});
