import { expect, test } from 'vitest';
import { base85 } from '../../../src/analyze/tokens/base85.js';

test.each([
  ['XmoUNb2=|CV=iTQVQp}1WiM%N', 'https://c.example/in'],
  ['BQS?8F#ks-@kM>;@;Tt"AM7b8', 'https://c.example/in'],
  ['<~BQS?8F#ks-@kM>;@;Tt"AM7b8~>', 'https://c.example/in'],
  ['XmoUN', 'http'],
])('%s is %s', (literal, text) => {
  expect(base85(literal)).toBe(text);
});

test('what is no base85 gives nothing', () => {
  expect(base85('not "quoted" text')).toBe('');
  expect(base85('~~~~~~~~~~')).toBe('');
});
