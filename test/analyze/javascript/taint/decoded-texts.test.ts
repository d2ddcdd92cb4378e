import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

/** What the parameter that is sent went through. */
const through = (expression: string): readonly string[] =>
  flows(
    follow(`exports.send = (x) => { fetch('https://a.example', { method: 'POST', body: ${expression} }); };`),
    'param',
    'net.out',
  )?.taints.find(({ source }) => source === 'param')?.through ?? [];

test.each(['atob(x)', "Buffer.from(x, 'base64').toString('utf8')", "JSON.parse(Buffer.from(x, 'base64url')).sub"])(
  '%s only reads what others encoded',
  (expression) => {
    expect(through(expression)).toEqual(expect.arrayContaining(['base64', 'decoded']));
  },
);

test.each([
  'btoa(x)',
  "Buffer.from(x).toString('base64')",
  "Buffer.from(x, 'base64').toString('hex')",
  'btoa(atob(x))',
  "atob(Buffer.from(x).toString('hex'))",
])('%s disguises it', (expression) => {
  expect(through(expression)).not.toContain('decoded');
  expect(through(expression)).not.toEqual([]);
});
