import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const hangs = (text: string): boolean => follow(text).observations.some(({ api }) => api === 'endless loop');

test('a parser that reads on until its input throws does not hang', () => {
  expect(
    hangs(
      "exports.read = (stream, make) => stream.on('data', (bytes) => { const message = make(bytes); try { while (true) { message.next(); } } catch (e) { stream.emit('error', e); } });",
    ),
  ).toBe(false);
});

test.each([
  ['nothing in it can throw', "try { while (true) { console.log('x'); } } catch (e) {}"],
  ['nobody catches', 'exports.read = (message) => { while (true) { message.next(); } };'],
  ['it is empty', 'exports.read = (next) => { try { next(); for (;;) {} } catch (e) {} };'],
])('a loop without end hangs where %s', (_why, text) => {
  expect(hangs(text)).toBe(true);
});
