import { describe, expect, it } from 'vitest';
import { renderFrame } from '../../../../src/analyze/javascript/index.js';

const step = (line: number, column: number, note: string) => ({
  role: 'sink' as const,
  file: 'a.js',
  line,
  column,
  note,
});

describe('renderFrame', () => {
  it('cuts long lines around the column', () => {
    const frame = renderFrame([step(1, 5000, 'here')], () => `${'x'.repeat(5000)}eval(y)${'z'.repeat(5000)}`);
    expect(frame).toContain('eval(y)');
    expect(Math.max(...frame.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  it('shows hidden characters as escapes and is not empty without a text', () => {
    expect(renderFrame([step(1, 0, 'a\u202eb')], () => 'x\u200by\u{e0101}')).toContain('x\\u{200b}y\\u{e0101}');
    expect(renderFrame([step(3, 0, 'decoded: "x"')], () => null)).toContain('decoded: "x"');
  });
});
