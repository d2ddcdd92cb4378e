import { describe, expect, it } from 'vitest';
import { follow, followScripts } from '../sample.js';

const DEED = "require('fs').unlinkSync('/srv/data');";

/** Ways to ask whether the file is the program, each around the deed. */
const TESTS: Record<string, string> = {
  'require.main === module': `if (require.main === module) { ${DEED} }`,
  'module == require.main': `if (module == require.main) { ${DEED} }`,
  'a variable': `const isProgram = require.main === module; if (isProgram) { ${DEED} }`,
  '!module.parent': `if (!module.parent) { ${DEED} }`,
  'import.meta.main': `import fs from 'fs'; if (import.meta.main) { fs.unlinkSync('/srv/data'); }`,
  'the URL of the started file': `import fs from 'fs'; import { pathToFileURL } from 'url'; if (import.meta.url === pathToFileURL(process.argv[1]).href) { fs.unlinkSync('/srv/data'); }`,
};

const deeds = (code: string, phase: 'import' | 'install') =>
  follow(code, phase).observations.filter((each) => each.sink === 'fs.delete');

describe('code for the file as a program', () => {
  it.each(Object.entries(TESTS))('%s: does not count as run by an import', (_, code) => {
    expect(deeds(code, 'import').some((each) => each.unasked)).toBe(false);
  });

  it.each(Object.entries(TESTS))('%s: runs where a script starts the file', (_, code) => {
    expect(deeds(code, 'install').some((each) => each.unasked)).toBe(true);
  });

  it('the other way round runs by an import', () => {
    for (const code of [
      `if (require.main !== module) { ${DEED} }`,
      `if (require.main === module) { console.log(1); } else { ${DEED} }`,
      `if (module.parent) { ${DEED} }`,
    ])
      expect(deeds(code, 'import').some((each) => each.unasked)).toBe(true);
  });

  it('does not run where what a script starts only loads the file', () => {
    for (const code of [TESTS['require.main === module'], TESTS['a variable'], TESTS['module == require.main']]) {
      const files = { 'index.js': "require('./tool');", 'tool.js': code as string };
      const found = follow(files, 'install').observations.filter((each) => each.sink === 'fs.delete');
      expect(found.some((each) => each.unasked)).toBe(false);
    }
  });

  it('runs where the file is started as well, or loaded as the program', () => {
    const tool = `if (require.main === module) { ${DEED} }`;
    const twice = followScripts({ 'index.js': "require('./tool');", 'tool.js': tool }, ['index.js', 'tool.js']);
    expect(twice.some((each) => each.sink === 'fs.delete' && each.unasked)).toBe(true);
    const replaced = followScripts({ 'index.js': "require('module')._load('./tool', null, true);", 'tool.js': tool }, [
      'index.js',
    ]);
    expect(replaced.some((each) => each.sink === 'fs.delete' && each.unasked)).toBe(true);
  });

  it('a file without a parent may have been imported by another', () => {
    const files = { 'index.js': "import './tool.cjs';", 'tool.cjs': `if (!module.parent) { ${DEED} }` };
    const found = follow(files, 'install').observations.filter((each) => each.sink === 'fs.delete');
    expect(found.some((each) => each.unasked)).toBe(true);
  });
});
