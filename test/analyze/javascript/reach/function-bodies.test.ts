import type * as t from '@babel/types';
import { describe, expect, test } from 'vitest';
import { visitorKeys } from '../../../../src/analyze/javascript/parsing/babel.js';
import { parseText } from '../../../../src/analyze/javascript/parsing/parse.js';
import { functionBodies } from '../../../../src/analyze/javascript/reach/function-bodies.js';
import { hostileText } from '../hostile-text.js';

/** A back-tick. */
const T = '`';

const BODY = '{ return 1 }';

/** Bodies of functions as the parser finds them: ends by their starts; null where the text is no JavaScript. */
function byParser(code: string, file = 'x.js'): Map<number, number> | null {
  const parsed = parseText(code, file);
  if (!('program' in parsed) || parsed.errors > 0) return null;
  const found = new Map<number, number>();
  const stack: t.Node[] = [parsed.program];
  while (stack.length > 0) {
    const node = stack.pop() as t.Node;
    if ('params' in node && 'body' in node && (node.body as t.Node | null)?.type === 'BlockStatement') {
      const body = node.body as t.BlockStatement;
      found.set(body.start as number, body.end as number);
    }
    for (const key of visitorKeys(node.type)) {
      const child = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key];
      if (Array.isArray(child)) stack.push(...child.filter((each) => each !== null));
      else if (child) stack.push(child);
    }
  }
  return found;
}

function asText(code: string): string[] | null {
  const bodies = functionBodies(code);
  return bodies === null ? null : bodies.starts.map((start, index) => code.slice(start, bodies.ends[index]));
}

describe('functionBodies', () => {
  test.each([
    ['declarations', `function a() ${BODY} async function b(x = {}) ${BODY} function* c() ${BODY}`, 3],
    ['arrows', `const a = () => ${BODY}, b = async x => ${BODY}, c = () => ({ d: 1 })`, 2],
    [
      'methods',
      `x = { a() ${BODY}, get b() ${BODY}, ['c']() ${BODY}, 'd'() ${BODY}, 1() ${BODY}, async *e() ${BODY} }`,
      6,
    ],
    ['classes', `class A extends B(C) { a() ${BODY} static #b() ${BODY} static { x } constructor() ${BODY} }`, 3],
    ['conditions', `if (a) ${'{ b }'} while (a) { b } for (;;) { b } switch (a) { } try { } catch (e) { }`, 0],
    ['a regular expression behind a condition', `if (a) /"}/.test(b); function c() ${BODY}`, 1],
    ['a division behind a call', `a = f(b) / 2; function c() ${BODY} d = "/}"`, 1],
    ['a condition that is a method', `a.if(b) / 2; function c() ${BODY} d = "/}"`, 1],
    ['a regular expression with braces', `function a() { return /[}/]}'"/ }`, 1],
    ['nested templates', `function a() { return ${T}}$${'{'}${T}{$${'{'}{ b: ${T}}${T} }.b}${T}}}${T} }`, 1],
    ['a division behind a template', `\`\${a}\` / 2; function c() ${BODY} d = "/}"`, 1],
    ['a number with a point', `a = 1./2; function b() ${BODY} c = "/}"`, 1],
    ['a number with a point at the end of a statement', `a = 1.\nif (b) /"}/.test(c); function d() ${BODY}`, 1],
    ['comments', `// }"\n/* '} */ function a() { /* } */ return 1 // }\n}`, 1],
    ['a continued string', `a = "\\\r\n}"; function b() ${BODY}`, 1],
    ['a postfix operator', `a++ / 2; function b() ${BODY} c = "/}"`, 1],
    ['a spread keyword', `a = [...typeof /"}/]; function b() ${BODY}`, 1],
    ['another blank', `function a() { return\u00a0/"}/ }`, 1],
    ['a loop over what is awaited', `async function a() { for await (b of c) /"}/.test(b) }`, 1],
    ['a private name like a keyword', `class A { #if() { return this.#if() / 2 } b() { return "/}" } }`, 2],
    ['an object as the parent of a class', `class A extends (class {}) { a() ${BODY} }`, 1],
  ])('finds the bodies behind %s', (_name, code, count) => {
    const found = functionBodies(code);
    expect(found?.starts.length).toBe(count);
    const truth = byParser(code);
    expect(truth).not.toBeNull();
    expect(new Map(found?.starts.map((start, index) => [start, found.ends[index] as number]))).toEqual(truth);
  });

  test.each([
    ['a slash behind a block', 'if (a) { } /"}/.test(b)'],
    ['a slash behind a function', 'function a() { } /"}/.test(b)'],
    ['a slash behind a word that may be a keyword', 'yield\n/"}/.test(b)'],
    ['a slash on a new line behind a string', 'import "a"\n/"}/.test(b)'],
    ['a slash behind break', 'for (;;) { break\n/"}/.test(b) }'],
    ['a slash behind a prefix', 'a\n++/"}/.lastIndex'],
    ['JSX', "a = <p>don't</p>"],
    ['JSX behind return', "function a() { return <p>don't {'}'}</p> }"],
    ['a comment of HTML', "a\n<!-- don't }\nb"],
    ['a comment of HTML that hides a brace', 'function a() { b <!-- {\n}\nfunction c() { }; b <!-- }'],
    ['the end of a comment of HTML', "/*\n*/ --> don't }\nb"],
    ['the separator of lines', "// a\u2028function b() { '}' }"],
    ['a carriage return of its own', "// a\rfunction b() { '}' }"],
    ['an escaped word', '\\u0069f (a) /"}/.test(b)'],
    ['braces that do not pair', 'function a() { } }'],
    ['brackets that cross', 'function a() { ( } )'],
    ['an open string', 'function a() { " }'],
    ['an open template', 'function a() { ` }'],
    ['an open comment', 'function a() { /* }'],
    ['functions nested without need', `${'(function(){'.repeat(100)}${'})()'.repeat(100)}`],
    ['an old octal number', 'a = 010.b'],
  ])('gives up at %s', (_name, code) => {
    expect(asText(code)).toBeNull();
  });

  test('says of text made of hostile parts what the parser says, or nothing', () => {
    const random = hostileText(7);
    let compared = 0;
    for (let round = 0; round < 60_000; round++) {
      let code = random();
      if (round % 2 === 0) code = `function f(){${code}}\nfunction g(){ "/}" }`;
      const bodies = functionBodies(code);
      if (bodies === null) continue;
      const truth = byParser(code);
      if (truth === null) continue;
      compared++;
      const found = new Map(bodies.starts.map((start, index) => [start, bodies.ends[index] as number]));
      for (const [start, end] of truth) if (found.has(start)) expect([code, found.get(start)]).toEqual([code, end]);
    }
    expect(compared).toBeGreaterThan(1_000);
  });
});
