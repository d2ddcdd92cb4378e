import { describe, expect, test } from 'vitest';
import { analyzePackage } from '../../src/analyze/index.js';
import { ownRules, packageOf } from './in-memory.js';

/** Inputs that made, or could make, a careless pattern run for minutes. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ['python', 'x.py', `chr(1)${' '.repeat(400_000)}chr(2)`],
  ['python quotes', 'x.py', `${'"a" + '.repeat(100_000)}'`],
  ['python names before a text', 'x.py', `subprocess.run(${'name.of.'.repeat(14)}+ "a")\n`.repeat(20)],
  ['powershell', 'x.ps1', `[char]1${' '.repeat(400_000)}x "{0}" -f 'a'${' '.repeat(200_000)}`],
  ['powershell quotes', 'x.ps1', `${"'".repeat(200_001)}`],
  ['batch', 'x.bat', `if "a"=="b" ${'('.repeat(50_000)} echo ${'^'.repeat(100_000)}`],
  ['shell brackets', 'x.sh', '('.repeat(200_000)],
  ['shell here documents', 'x.sh', 'cat <<A\n'.repeat(20_000)],
  ['shell here documents without end', 'x.sh', '<<a '.repeat(100_000)],
  ['shell condition of one long word', 'x.sh', `if exist ${'a('.repeat(100_000)}`],
  ['shell word', 'x.sh', 'a:'.repeat(200_000)],
  ['shell path', 'x.sh', `x ${'a\\'.repeat(100_000)}`],
  ['python comments', 'x.py', '# a\n'.repeat(100_000)],
  ['powershell blanks', 'x.ps1', ' '.repeat(400_000)],
  ['shell braces', 'x.sh', `echo ${'{a,'.repeat(50_000)}`],
  ['shell one line', 'x.sh', `echo ${'a'.repeat(3_000_000)} | sed s/a/b/ | tr a-z A-Z`],
  ['makefile', 'Makefile', `a:\n${'\t@echo $(shell '.repeat(20_000)}`],
  ['gyp', 'binding.gyp', `{ 'a': '${'<!('.repeat(50_000)}' }`],
  ['blanks', 'x.js', `f();${' \t'.repeat(500_000)}g();`],
];

describe('hostile text', () => {
  test.each(HOSTILE)('%s ends soon and without an exception', (_name, file, text) => {
    const command: Record<string, string> = {
      py: 'python x.py',
      ps1: 'powershell -File x.ps1',
      bat: 'x.bat',
      sh: 'sh x.sh',
      js: 'node x.js',
    };
    const script = command[file.split('.')[1] ?? ''] ?? (file === 'Makefile' ? 'make' : 'node-gyp rebuild');
    const started = performance.now();
    const verdict = analyzePackage(packageOf({ [file]: text }, { scripts: { postinstall: script } }), ownRules());
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(['allow', 'review', 'block']).toContain(verdict.action);
  });

  test('a manifest nested as deep as JSON allows is read', () => {
    const files = packageOf({
      'package.json': `{"name":"a","exports":${'{"a":'.repeat(4_000)}"./x.js"${'}'.repeat(4_000)}}`,
    });
    expect(() => analyzePackage(files, ownRules())).not.toThrow();
  });

  test('scripts that start one another in a circle end', () => {
    const scripts = { postinstall: 'npm run a', a: 'npm run b && npm run b', b: 'npm run a; sh x.sh' };
    expect(() =>
      analyzePackage(packageOf({ 'x.sh': 'npm run postinstall; sh x.sh; sh -c "sh x.sh"' }, { scripts }), ownRules()),
    ).not.toThrow();
  });

  test('an install script that is too large to be read is not allowed', () => {
    const verdict = analyzePackage(
      packageOf({ 'x.sh': 'a=b\n'.repeat(1_300_000) }, { scripts: { postinstall: 'sh x.sh' } }),
      ownRules(),
    );
    expect(verdict.action).not.toBe('allow');
  });
});
