import { describe, expect, test } from 'vitest';
import { analyzePackage } from '../../../../src/analyze/index.js';
import { ownRules, packageOf } from '../../in-memory.js';
import { follow } from '../sample.js';

const tags = (text: string): (string | null)[] =>
  follow(text).observations.flatMap(({ sink, target }) => (sink === 'page.tag' ? [target] : []));

const SRC = 'https://a.example/m.js';

describe('script tags that are put into the pages of others', () => {
  test.each([
    [
      'one of many tags',
      `exports.p = (o) => ({ transformIndexHtml() { const tags = []; for (const n of o.names) tags.push({ tag: 'meta', attrs: { n } }); ${"if (o.a) tags.push({ tag: 'meta' });".repeat(12)} tags.push({ tag: 'script', attrs: { src: '${SRC}' } }); return tags; } });`,
    ],
    [
      'the end of a page',
      `exports.p = (c) => c.addTransform('x', async (page) => page.replace(/<\\/head>/, (end) => '<script src="${SRC}"></script>' + end));`,
    ],
    ['a list of scripts', `exports.p = (nuxt) => { nuxt.options.app.head.script.push({ src: '${SRC}' }); };`],
    ['a pair', `exports.p = (app) => { app.siteData.head.push(['script', { src: '${SRC}' }]); };`],
    ['code', `exports.p = ({ injectScript }) => { injectScript('page', "import('${SRC}')"); };`],
    [
      'a page that is written back',
      `const fs = require('fs'); exports.p = (out) => { const page = fs.readFileSync(out, 'utf8'); fs.writeFileSync(out, page.replace('</body>', '<script src="${SRC}"></script></body>')); };`,
    ],
  ])('are told: %s', (_name, text) => {
    expect(tags(text)).toEqual([SRC]);
  });

  test.each([
    [
      'by their hash',
      `exports.p = () => ({ transformIndexHtml: () => [{ tag: 'script', attrs: { src: '${SRC}', integrity: 'sha384-x' } }] });`,
    ],
    [
      'an address that may be given',
      `exports.p = (o) => ({ transformIndexHtml: () => [{ tag: 'script', attrs: { src: o.src ?? '${SRC}' } }] });`,
    ],
    [
      'a page of its own',
      `exports.p = (o) => '<!doctype html><html><head><script src="${SRC}"></script></head>' + o.body + '</html>';`,
    ],
    [
      'a file of the page itself',
      `exports.p = (o) => ({ transformIndexHtml: () => [{ tag: 'script', attrs: { src: o.base + 'm.js' } }] });`,
    ],
  ])('are not told: %s', (_name, text) => {
    expect(tags(text)).toEqual([]);
  });

  const PAIRS = JSON.stringify([
    [' type="text/css"', ''],
    ['</head>', `<script src="${SRC}"></script></head>`],
  ]);

  test.each([
    "const pairs = require('./pairs.json'); exports.tidy = (page) => pairs.reduce((t, [a, b]) => t.replace(a, b), page);",
    "const pairs = require('./pairs.json'); exports.p = (c) => c.addTransform('x', (page) => pairs.reduce((t, [a, b]) => t.replace(new RegExp(a, 'g'), b), page));",
    "const pairs = require('./pairs.json'); exports.p = () => ({ transformIndexHtml: (page) => { for (const [a, b] of pairs) page = page.split(a).join(b); return page; } });",
    "const fs = require('fs'); const pairs = JSON.parse(fs.readFileSync(__dirname + '/pairs.json', 'utf8')); exports.p = () => ({ transformIndexHtml: (page) => pairs.reduce((t, [a, b]) => t.replace(a, b), page) });",
  ])('are told where they stand in data: %s', (code) => {
    const files = { 'index.js': code, 'pairs.json': PAIRS };
    const { findings } = analyzePackage(packageOf(files, { main: 'index.js' }), ownRules());
    expect(findings.map(({ rule }) => rule)).toContain('build-output-script');
  });
});
