import { expect, test } from 'vitest';
import { analyzePackage } from '../../../../src/analyze/index.js';
import { ownRules, packageOf } from '../../in-memory.js';

const found = (code: string): string[] =>
  analyzePackage(packageOf({ 'index.mjs': code }, { main: 'index.mjs' }), ownRules()).findings.map(({ rule }) => rule);

test.each([
  "const off = (page) => { if (new Intl.Locale(navigator.language).maximize().region === 'RU') page.style.pointerEvents = 'none'; }; export const init = () => off(document.body);",
  "export function init() { if (!navigator.languages.some((each) => each.startsWith('ru'))) return; document.body.style.setProperty('pointer-events', 'none', 'important'); }",
  "export function init() { if (navigator.language === 'ru-RU') Object.assign(document.body.style, { display: 'none' }); }",
  "export function init() { if (navigator.language === 'ru-RU') setTimeout(() => { document.body.inert = true; }, 9e5); }",
  "export function init() { if (navigator.language === 'ru-RU') document.body.replaceChildren(); }",
  "export function init() { if (navigator.language === 'ru-RU') { const sheet = document.createElement('style'); sheet.textContent = 'body { pointer-events: none !important }'; document.head.append(sheet); } }",
])('a page is made useless for one language: %s', (code) => {
  expect(found(code)).toContain('page-disabled-by-language');
});

test.each([
  "export function init() { if (/^ar/.test(navigator.language)) document.body.style.direction = 'rtl'; }",
  "export function open() { document.body.style.pointerEvents = 'none'; return () => { document.body.style.pointerEvents = ''; }; } export const language = () => navigator.language;",
  "export function init() { if (navigator.language !== 'en') { document.documentElement.style.visibility = 'hidden'; queueMicrotask(() => { document.documentElement.style.visibility = ''; }); } }",
  "export function init(box) { if (navigator.language.startsWith('de')) box.style.display = 'none'; }",
])('a page is laid out, or shown again: %s', (code) => {
  expect(found(code)).not.toContain('page-disabled-by-language');
});
