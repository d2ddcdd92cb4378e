import { describe, expect, test } from 'vitest';
import { streamEdited } from '../../../src/analyze/shell/stream-edit.js';

const text = 'name: a\nhost = h.example\n# end\n';

describe('what sed prints', () => {
  test.each([
    [['-n', 's/^host *= *//p'], 'h.example'],
    [['-ne', 's/^\\(name\\): \\(.*\\)$/\\2 is \\1/p'], 'a is name'],
    [['-nE', 's/^(name): (.*)$/\\2 & /p'], 'a name: a '],
    [['/^#/d'], 'name: a\nhost = h.example'],
    [['-n', '2p'], 'host = h.example'],
    [['s|a|b|g;1q'], 'nbme: b'],
    [['-e', 's/[[:space:]]//g', '-e', '2q'], 'name:a\nhost=h.example'],
    [['s/x\\/y/z/'], text.trimEnd()],
  ])('%j', (flags, printed) => {
    expect(streamEdited(flags, text)).toBe(printed);
  });

  test.each([[['-n']], [['y/a/b/']], [['1,2d']], [['s/(/']], [['-f', 'x.sed']], [['-i', 's/a/b/']]])(
    '%j is not followed',
    (flags) => {
      expect(streamEdited(flags, text)).toBeNull();
    },
  );

  test('a costly pattern is not tried on a long line', () => {
    expect(streamEdited(['-E', 's/(a+)+$//'], 'a'.repeat(5_000))).toBeNull();
  });
});
