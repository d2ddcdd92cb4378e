import { expect, test } from 'vitest';
import { follow } from '../sample.js';

test('what stands in a header is told so however much a request carries', () => {
  const names = Array.from({ length: 30 }, (_, index) => `process.env.SETTING_${index}`);
  const { observations } = follow(
    `exports.speak = (apiKey) => fetch('https://a.example', { headers: { 'xi-api-key': apiKey }, body: JSON.stringify([${names.join(', ')}]) });
     const all = [${names.join(', ')}].join();
     exports.all = (apiKey) => fetch('https://a.example/' + all, { headers: { 'xi-api-key': apiKey } });`,
  );
  const sent = observations.filter(({ sink }) => sink === 'net.out');
  expect(sent.length).toBeGreaterThanOrEqual(2);
  for (const { taints } of sent)
    expect(taints.some(({ source, through }) => source.startsWith('param') && through.includes('in-header'))).toBe(
      true,
    );
});

test('the name and password of a client are the header that shows who asks', () => {
  const { observations } = follow(`const axios = require('axios');
    const client = axios.create({ baseURL: 'https://a.example', auth: { username: '', password: process.env.A_TOKEN } });
    client.get('/items');
    axios.post('https://a.example/', { auth: { name: 'x', token: process.env.B_TOKEN } });`);
  const sent = observations.filter(({ sink }) => sink === 'net.out');
  expect(sent.map(({ taints }) => taints.some(({ through }) => through.includes('in-authorization')))).toEqual([
    true,
    false,
  ]);
});
