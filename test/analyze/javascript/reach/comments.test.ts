import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../../src/analyze/javascript/parsing/babel.js';
import { withoutComments } from '../../../../src/analyze/javascript/reach/comments.js';

/** The same by the parser: every comment as blanks. */
function byParser(code: string): string {
  const tree = parse(code, {
    sourceType: 'unambiguous',
    allowReturnOutsideFunction: true,
    errorRecovery: true,
    plugins: ['jsx'],
  });
  let bare = code;
  for (const { start, end } of tree.comments ?? [])
    bare = bare.slice(0, start as number) + ' '.repeat((end as number) - (start as number)) + bare.slice(end as number);
  return bare;
}

const SAMPLES = [
  'a = /[/*]/; eval(x); //*/',
  'a = "/*"; eval(x); b = "*/"',
  ['a = `/*$', '{eval(`}/*`)}*/` // x'].join(''),
  'return /\\/*a/.test(x) /* y */',
  'a = b / c /* d */ * e',
  'a = x.return / 2 /* d */ * 3',
  'a = [] / 2 // c',
  'x = a ? /[/]*/g : 1 /* end */',
  "a = 'it\\'s' /* c */",
  '#!/usr/bin/env node // x\na /* b */',
  'if (a) /[/*]/.test(b), eval(x) //*/',
  'f(a) / 2 /* b */ / 3; // c',
];
/** Where only a parser can tell, nothing may be taken for a comment. */
const UNSURE = [
  '{} /[/*]/.test(b), eval(x) //*/',
  'a++ /[/*]/ 1, eval(x) //*/',
  'yield /[/*]/, eval(x) //*/',
  '<!-- /*\neval(x)\n*/',
  "a = 'open\neval(x) /* ' */",
  'a = `open /* */',
  '/* never closed',
  'a = /open\n/* */',
];

describe('withoutComments', () => {
  for (const code of SAMPLES)
    it(`tells comments in ${JSON.stringify(code)}`, () => expect(withoutComments(code)).toBe(byParser(code)));
  for (const code of UNSURE) it(`gives up on ${JSON.stringify(code)}`, () => expect(withoutComments(code)).toBeNull());

  it('agrees with the parser on the files of real packages, or gives up', () => {
    let compared = 0;
    for (const name of [
      '@babel/parser/lib',
      'dns-packet',
      'execa/lib',
      'leven',
      'semver',
      'semver/functions',
      'tar/dist/esm',
      'yaml/dist',
      '@npmcli/arborist/lib/arborist',
    ]) {
      const folder = join('node_modules', name);
      for (const file of readdirSync(folder).filter((each) => /\.[cm]?js$/.test(each))) {
        const code = readFileSync(join(folder, file), 'utf8');
        const bare = withoutComments(code);
        if (bare === null) continue;
        compared += 1;
        expect(bare === byParser(code), `${name}/${file}`).toBe(true);
      }
    }
    expect(compared).toBeGreaterThan(60);
  });
});
