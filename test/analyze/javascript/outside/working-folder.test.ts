import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const REQUIRE = "const fs = require('fs'); const path = require('path');";

function targets(code: string, sink: string, phase: 'import' | 'install' = 'import'): (string | null)[] {
  return follow(`${REQUIRE} ${code}`, phase)
    .observations.filter((each) => each.sink === sink)
    .map(({ target }) => target);
}

describe('the working folder', () => {
  it.each(['.', './'])('is the project: %s', (folder) => {
    expect(targets(`fs.readdirSync('${folder}'); fs.unlinkSync('x');`, 'fs.read')).toEqual(['$PROJECT']);
    expect(targets(`fs.readdirSync('${folder}'); fs.unlinkSync('x');`, 'fs.read', 'install')).toEqual([]);
  });

  it.each([
    ['joined', "path.join('./', name)"],
    ['put together', "'./' + name"],
    ['as they are', 'name'],
    ['whole', 'path.resolve(name)'],
  ])('holds the names that it lists: %s', (_, file) => {
    const code = `for (const name of fs.readdirSync('.')) fs.unlinkSync(${file});`;
    expect(targets(code, 'fs.delete')).toEqual(['$PROJECT/\uFFFC']);
  });

  it('is not what a path of nothing means', () => {
    const code = `function clear(folder) { fs.readdirSync(folder).forEach((name) => { const whole = path.join(folder, name); if (name) fs.unlinkSync(whole); else clear(whole); }); }`;
    expect(targets(code, 'fs.delete', 'install')).not.toContain('index.js');
  });

  it('holds entries with types', () => {
    const code = `for (const e of fs.readdirSync('.', { withFileTypes: true })) fs.writeFileSync(path.join('.', e.name), 'x');`;
    expect(targets(code, 'fs.write')).toEqual(['$PROJECT/\uFFFC']);
  });

  it('leaves files of a fixed name what they are', () => {
    expect(targets("fs.writeFileSync('./out.txt', 'x');", 'fs.write')).toEqual(['./out.txt']);
  });
});

describe('what is written', () => {
  it('is not how it is written', () => {
    const { observations } = follow(`${REQUIRE} fs.writeFileSync('a', process.argv[2], 'utf8');`);
    expect(observations[0]?.args.map(({ constant }) => constant)).toEqual([true, false, false]);
  });
});
