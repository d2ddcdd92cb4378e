import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isPower, ReachTokens } from '../../../../src/analyze/javascript/reach/reach-tokens.js';
import { loadTaintModels } from '../../../../src/analyze/javascript/taint/taint-models.js';

const tokens = new ReachTokens(loadTaintModels(fileURLToPath(new URL('../../../../rules/taint', import.meta.url))));

const ACTS = [
  "require('child_process')",
  "import { request } from 'node:https'",
  'import"undici"',
  'const r = require; r(x)',
  'require("ht" + "tp")',
  'import(name)',
  'globalThis["ev" + "al"]',
  'globalThis?.fetch?.(u)',
  'fetch (u)',
  '(0, fetch)(u)',
  '(function () {}).constructor("x")()',
  '[].map.constructor.constructor("x")',
  'new Function ("x")',
  'process.mainModule.require("x")',
  "process['bin' + 'ding']",
  '"\\x65\\x76\\x61\\x6c"',
  '[][(![]+[])[+[]]]',
  'while (true) {}',
  'for (let i = 0; i < Infinity; i++) { if (a) break; }',
  'do { a() } while (1)',
  'with (x) { y() }',
  ';with(a)b()',
  'JSON.parse = function () {}',
  'Array.prototype.includes = f',
  "Object.defineProperty(globalThis, 'x', {})",
  'document.createElement("script")',
  "const fs = require('fs'); fs.writeFileSync(a, b)",
  "const fs = require('fs'); fs['write' + 'FileSync'](a, b)",
  "const C = f.constructor; C(atob('eA=='))()",
  'const g = globalThis; g.fetch(u)',
  'new XMLHttpRequest()',
  `a = ${JSON.stringify('if (x) /[/*]/.test(y), eval(z) //*/').slice(1, -1)}`,
];
const DOES_NOT = [
  'module.exports = (a, b) => a + b',
  'new date.constructor(value)',
  'if (a.constructor === Object) return',
  '/** Opens a document.write in eval */ module.exports = 1',
  'while (true) { if (a()) break }',
  'for (;;) { const x = next(); if (!x) return }',
  'process.env.NODE_ENV === "production"',
  "const { readFileSync } = require('fs'); readFileSync(a)",
  "const path = require('node:path')",
  'this.fetch(a)',
  'String.fromCharCode(65)',
  'a.prototype.foo = function () {}',
];

describe('ReachTokens', () => {
  for (const code of ACTS) it(`sees a power in ${code}`, () => expect(tokens.read(code).power).toBe(true));
  for (const code of DOES_NOT) it(`sees none in ${code}`, () => expect(tokens.read(code).power).toBe(false));

  it('takes hints of two files together', () => {
    const one = tokens.read('exports.C = (x => x).constructor;');
    const other = tokens.read("exports.text = Buffer.from(t, 'base64')");
    expect(one.power || other.power).toBe(false);
    expect(isPower(one.hints | other.hints)).toBe(true);
  });

  it('says where a file uses what it bound to a powerful module', () => {
    const code =
      "const { execSync: run } = require('child_process');\nexports.a = () => 1;\nexports.b = () => run('x');";
    const places = tokens.places(code, false).map(({ start }) => start);
    expect(places).toContain(code.lastIndexOf("run('x')"));
    expect(places.some((at) => at > code.indexOf('exports.a') && at < code.indexOf('exports.b'))).toBe(false);
  });

  it('finds a run of encoded text wherever it begins', () => {
    for (let shift = 0; shift < 210; shift += 7) {
      const long = `${' '.repeat(shift)}"${'Ab1+'.repeat(50)}"`;
      expect(tokens.read(long).carrier, `shift ${shift}`).toBe(true);
      expect(tokens.read(`${' '.repeat(shift)}"${'Ab1+'.repeat(49)}abc"`).carrier, `shift ${shift}`).toBe(false);
    }
  });
});
