import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const sent = (code: string): boolean =>
  follow(
    `${code}; fetch('https://logs.panel-kit.example/', { method: 'POST', body: JSON.stringify(rows) });`,
  ).observations.some(({ sink }) => sink === 'net.out');

// Of what holds itself no end is found by going in, and of forty that hold each other none in a lifetime.
test.each([
  'const rows = []; rows.push(rows)',
  'const rows = []; for (let at = 0; at < 30; at++) rows.push(rows)',
  'let rows = [1, 2]; for (let at = 0; at < 60; at++) rows = [rows, rows, rows]',
])('a part of a list that holds itself is looked up: %s', (made) => {
  for (const part of ['rows.slice(1)', 'rows.slice(1).slice(2)', '[...rows].slice(1)'])
    expect(sent(`window.addEventListener('load', () => {}); ${made}; window.part = ${part}`), part).toBe(true);
});
