import { expect, test } from 'vitest';
import { follow } from '../sample.js';

test.each([
  ["''.concat(process.env.BASE || 'https://a.example', '/').concat('b')", 'https://a.example/b'],
  ["'https://a.example'.concat('/', process.argv[2], '/b')", 'https://a.example/\uFFFC/b'],
  ["'https://'.concat('a.example', '/b')", 'https://a.example/b'],
])('%s', (text, target) => {
  const seen = follow(`fetch(${text});`);
  expect(seen.observations.map((each) => each.target)).toContain(target);
});
