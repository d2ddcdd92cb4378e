import { describe, expect, it } from 'vitest';
import { isHidden, plainOutput, visible, visibleLines } from '../../src/report/visible.js';
import { HOSTILE } from './sample.js';

const hiddenIn = (text: string, allowed = '') =>
  [...text].filter((c) => !allowed.includes(c) && isHidden(c.codePointAt(0)!));

describe('visible', () => {
  it('leaves no control, bidi or zero-width character of any text', () => {
    expect(hiddenIn(visible(HOSTILE))).toEqual([]);
    expect(visible('a\u001b[31mb\u202ec\u200bd\u{e0041}')).toBe('a\\x1b[31mb\\u202ec\\u200bd\\u{e0041}');
  });

  it('keeps ordinary text of any language and emoji', () => {
    for (const text of ['plain – text…', 'Grüße 你好 שלום', '👍🏽 ❤️']) expect(visible(text)).toBe(text);
  });

  it('escapes every C0 and C1 control and lone surrogates', () => {
    const codes = [...Array(0x20).keys(), ...[...Array(0x21).keys()].map((i) => 0x7f + i), 0xd800];
    for (const code of codes) expect(hiddenIn(visible(`a${String.fromCharCode(code)}b`))).toEqual([]);
  });

  it('keeps only line feeds and tabs of several lines', () => {
    expect(visibleLines('a\r\n\tb\rc\u0085d')).toBe('a\n\tb\\x0dc\\x85d');
  });

  it('drops the colouring of a script, and shows what cannot be dropped', () => {
    expect(plainOutput('\u001b[1;32mok\u001b[0m 10%\r100%\u001b]0;title\u0007!')).toBe('ok 10%\n100%!');
    expect(hiddenIn(plainOutput(HOSTILE), '\n\t')).toEqual([]);
  });
});
