import { expect, test } from 'vitest';
import { FileReadings } from '../../../src/analyze/javascript/index.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('bytes that stand under one path are read once, also for the next package', () => {
  const readings = new FileReadings();
  const content = bytes('exports.a = 1;');
  const first = readings.of('a.js', content);
  readings.trim();
  expect(readings.of('a.js', content)).toBe(first);
  expect(first.text).toBe('exports.a = 1;');
});

test('other bytes under the path, as a virtual file of another package has them, are read anew', () => {
  const readings = new FileReadings();
  expect(readings.of('[postinstall #1].js', 'one()').text).toBe('one()');
  expect(readings.of('[postinstall #1].js', 'two()').text).toBe('two()');
});

test('of very much text nothing is kept for the next package', () => {
  const readings = new FileReadings();
  const content = bytes('x'.repeat(7_000_000));
  const first = readings.of('a.js', content);
  readings.of('b.js', bytes('x'.repeat(7_000_000)));
  expect(readings.of('a.js', content) === first).toBe(true);
  readings.trim();
  expect(readings.of('a.js', content) === first).toBe(false);
});
