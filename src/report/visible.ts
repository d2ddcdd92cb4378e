/**
 * Makes text of packages harmless to a terminal and to the eye: control characters, ANSI sequences, and characters that
 * reorder or hide text (bidi controls, zero width, tags, variation selectors) become visible escapes.
 */
export function visible(text: string): string {
  return text.replace(UNUSUAL, (c) => (isHidden(c.codePointAt(0)!) ? codeEscape(c) : c));
}

/** As `visible`, for text of several lines: line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNUSUAL, (c) => (c === '\n' || c === '\t' || !isHidden(c.codePointAt(0)!) ? c : codeEscape(c)));
}

/** Removes a script's own colouring, then makes the rest visible: for script output. */
export function plainOutput(text: string): string {
  return visibleLines(text.replace(ANSI, '').replace(/\r(?!\n)/g, '\n'));
}

/** Whether a character has no shape of its own, or changes how others are shown. */
export function isHidden(code: number): boolean {
  return HIDDEN.some(([first, last]) => code >= first && code <= last);
}

const UNUSUAL = /[^\x20-\x7e]/gu;

const ANSI =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])/g;

const HIDDEN: [first: number, last: number][] = [
  [0x00, 0x1f], // C0 controls
  [0x7f, 0x9f], // delete, C1 controls
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f], // grapheme joiner
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5], // Khmer inherent vowels
  [0x180b, 0x180f], // Mongolian selectors
  [0x200b, 0x200f], // zero width, direction marks
  [0x2028, 0x202e], // line and paragraph separators, embeddings, overrides
  [0x2060, 0x206f], // invisible operators, isolates
  [0x3164, 0x3164], // Hangul filler
  [0xd800, 0xdfff], // lone surrogates
  [0xe000, 0xf8ff], // private use
  [0xfe00, 0xfe0e], // variation selectors; 0xfe0f belongs to emoji
  [0xfeff, 0xfeff], // byte order mark
  [0xffa0, 0xffa0], // halfwidth Hangul filler
  [0xfff0, 0xfffb], // specials
  [0x1d173, 0x1d17a], // musical format controls
  [0xe0000, 0x10ffff], // tags, selectors 17–256, private use
];

function codeEscape(character: string): string {
  const code = character.codePointAt(0)!;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
