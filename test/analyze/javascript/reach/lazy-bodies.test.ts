import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as t from '@babel/types';
import { describe, expect, test } from 'vitest';
import { parseText } from '../../../../src/analyze/javascript/parsing/parse.js';
import { fillBody, parseLazily } from '../../../../src/analyze/javascript/reach/lazy-bodies.js';
import { hostileText } from '../hostile-text.js';
import { flows, follow } from '../sample.js';

const SCRIPT = /\.[cm]?js$/;
/** Text of a body that is long enough to be left out. */
const LONG = `let filler = 0;\n${'filler = filler * 2 + 1; // }\n'.repeat(20)}`;
const PADDING = `/*${' '.repeat(4_000)}*/\n`;

function scripts(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && SCRIPT.test(each.name))
    .map((each) => join(each.parentPath, each.name))
    .sort();
}

/** Where two trees differ; bodies of the first are filled in on the way. */
function difference(left: unknown, right: unknown, path: string): string | null {
  if (Object.is(left, right)) return null;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return `${path}: ${String(left)}, ${String(right)}`;
  if ((left as t.Node).type === 'BlockStatement') fillBody(left as t.BlockStatement);
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (key === 'errors' || key === 'comments') continue;
    const found = difference(a[key], b[key], `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** Compares one text; false where it is parsed as a whole anyway. */
function compare(code: string, file: string): boolean {
  const lazy = parseLazily(code, file);
  if (lazy === null) return false;
  const whole = parseText(code, file);
  if (!('program' in whole)) throw new Error(`${file}: ${whole.reason}`);
  expect(difference(lazy.program, whole.program, file)).toBeNull();
  return true;
}

describe('parseLazily', () => {
  test('gives the whole tree of every fixture once its bodies are filled in', () => {
    let compared = 0;
    for (const file of scripts('fixtures')) if (compare(readFileSync(file, 'utf8'), file)) compared++;
    expect(compared).toBeGreaterThan(0);
  });

  test('gives the whole tree of real packages', () => {
    const files = [
      '@babel/parser',
      '@babel/types',
      'zod',
      'yaml',
      'semver',
      'tar',
      'pacote',
      '@npmcli',
      'cacache',
      'ssri',
    ]
      .flatMap((name) => scripts(join('node_modules', name)))
      .filter((_file, index) => index % 3 === 0);
    let compared = 0;
    for (const file of files) if (compare(readFileSync(file, 'utf8'), file)) compared++;
    expect(compared).toBeGreaterThan(50);
  });

  test.each([
    ['async functions', `async function a() { ${LONG} await b; for await (const c of d) c() }`],
    ['generators', `function* a() { ${LONG} yield b; const c = yield* d }`],
    ['async generators', `async function* a() { ${LONG} yield await b }`],
    ['arrows', `const a = () => { ${LONG} return this }, b = async (c) => { ${LONG} await c }`],
    [
      'methods',
      `const a = { b() { ${LONG} super.b() }, async *c() { ${LONG} yield await 1 }, get d() { ${LONG} return 1 } }`,
    ],
    [
      'classes',
      `class A extends B(C) { #a = 1; constructor() { ${LONG} super(); this.#a++ } static async b() { ${LONG} await 1 } }`,
    ],
    ['nested functions', `function a() { ${LONG} function b() { ${LONG} return () => { ${LONG} } } return b }`],
    ['comments in bodies', `function a() { /* } */ ${LONG} /* { */ return '*/' /**/ }`],
    ['bodies that begin and end with a comment', `function a() {/**/ ${LONG} /***/}`],
    ['directives', `function a() { 'use strict'; ${LONG} }`],
    ['functions behind others on their line', `function a() {${LONG.replace(/\/\/ \}\n/g, '')}} function b() {} b()`],
  ])('gives the whole tree of %s', (_name, code) => {
    expect(compare(PADDING + code, 'x.js')).toBe(true);
    expect(compare((PADDING + code).replaceAll('\n', '\r\n'), 'x.js')).toBe(true);
  });

  test('gives the whole tree of bodies made of hostile parts, or parses them as a whole', () => {
    const random = hostileText(3);
    let compared = 0;
    for (let round = 0; round < 12_000; round++) {
      const text = random();
      const inside = [
        `function f() { ${LONG}\n${text} }`,
        `class A { m() { ${LONG}\n${text} } /*"*/ }`,
        `f = () => { ${LONG}\n${text} }`,
      ];
      const code = `${PADDING}${inside[round % 3]}\nfunction g() { "/}" }\n`;
      const lazy = parseLazily(code, 'x.js');
      const whole = lazy === null ? null : parseText(code, 'x.js');
      // What is TypeScript alone runs nowhere.
      if (lazy === null || whole === null || !('program' in whole) || whole.errors > 0 || whole.as === 'typescript')
        continue;
      expect(difference(lazy.program, whole.program, text)).toBeNull();
      compared++;
    }
    expect(compared).toBeGreaterThan(150);
  });

  test('leaves bodies out until they are asked for', () => {
    const code = `${PADDING}function a() { ${LONG} }`;
    const lazy = parseLazily(code, 'x.js');
    const fn = lazy?.program.body[0] as t.FunctionDeclaration;
    expect(fn.body.body).toEqual([]);
    expect(fillBody(fn.body)).toBeNull();
    expect(fn.body.body).toHaveLength(21);
  });

  test.each([
    ['short texts', `function a() { ${LONG} }`, 'x.js'],
    ['TypeScript', `${PADDING}function a() { ${LONG} }`, 'x.ts'],
    ['texts that have an error', `${PADDING}function a() { ${LONG} } let b; let b`, 'x.js'],
    ['blocks that look like a body', `${PADDING}b()\n{ ${LONG} }`, 'x.js'],
    ['texts without bodies', `${PADDING}b()`, 'x.js'],
  ])('does not touch %s', (_name, code, file) => {
    expect(parseLazily(code, file)).toBeNull();
  });

  test('reads a body as a script where only that is without errors', () => {
    // The comment makes the file look like a module, in which `await` would be an operator.
    const code = `${PADDING}// import x from 'y'\nfunction a(b) { ${LONG} return await(b) }`;
    const fn = parseLazily(code, 'x.js')?.program.body[0] as t.FunctionDeclaration;
    expect(fillBody(fn.body)).toBeNull();
    const last = fn.body.body.at(-1) as t.ReturnStatement;
    expect(last.argument?.type).toBe('CallExpression');
  });

  test('tells what is wrong with a body that cannot be read', () => {
    const code = `${PADDING}function a() { ${LONG} return b = = c }`;
    const fn = parseLazily(code, 'x.js')?.program.body[0] as t.FunctionDeclaration;
    expect(fillBody(fn.body)).toMatchObject({ line: 23 });
  });
});

describe('the interpreter', () => {
  test('follows a flow through bodies that were left out', () => {
    const code = `${PADDING}
      function name(part) { ${LONG} return 'child' + part }
      function read() { ${LONG} return JSON.stringify(process.env) }
      const send = (data) => { ${LONG} class A { run() { ${LONG} require(name('_process')).execSync('x ' + data) } } new A().run() };
      send(read());`;
    expect(flows(follow(code, 'install'), 'env.all', 'process.spawn')).toBeDefined();
  });

  test('tells of a body that it enters and cannot read', () => {
    const result = follow(`${PADDING}function a() { ${LONG} return b = = c }\na(eval('1'));`, 'install');
    expect(result.facts.map((fact) => fact.id)).toContain('parse-failure');
  });
});
