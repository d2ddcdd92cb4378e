import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

function written(files: Record<string, string>): string | null | undefined {
  return follow(files).observations.find(({ sink }) => sink === 'fs.write')?.args[1]?.text;
}

describe('libraries of data formats', () => {
  test.each([
    "require('yaml').stringify({ on: 'push', jobs: { a: { run: 'x' } } })",
    "require('js-yaml').dump({ on: 'push', jobs: { a: { run: 'x' } } })",
    "require('json5').stringify({ on: 'push', jobs: { a: { run: 'x' } } })",
  ])('write what they are given: %s', (code) => {
    expect(written({ 'index.js': `require('fs').writeFileSync('/a', ${code})` })).toBe(
      '{"on":"push","jobs":{"a":{"run":"x"}}}',
    );
  });

  test.each(["require('yaml').parse(text).a.b", "require('js-yaml').load(text).a.b"])(
    'read YAML of the package: %s',
    (code) => {
      const file = `const fs = require('fs'); const text = fs.readFileSync(__dirname + '/a.yml', 'utf8'); fs.writeFileSync('/a', 'x' + ${code})`;
      expect(written({ 'index.js': file, 'a.yml': 'a:\n  b: told\n' })).toBe('xtold');
    },
  );

  test('what is no YAML is not known', () => {
    const file = "const fs = require('fs'); fs.writeFileSync('/a', 'x' + require('yaml').parse('a: [').a)";
    expect(written({ 'index.js': file })).toBe('x\u{FFFC}');
  });
});

describe('files of the package', () => {
  test.each([
    "new URL('./data.json', 'file://' + __filename)",
    "require('url').pathToFileURL(__dirname + '/data.json')",
    "__dirname + '/data.json'",
  ])('are read by %s', (place) => {
    const file = `const fs = require('fs'); fs.writeFileSync('/a', 'x' + JSON.parse(fs.readFileSync(${place}, 'utf8')).a)`;
    expect(written({ 'index.js': file, 'data.json': '{"a":"told"}' })).toBe('xtold');
  });
});
