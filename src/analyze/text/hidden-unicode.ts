import { factAt } from '../fact.js';
import { lineAt } from '../line-at.js';
import type { Fact } from '../observation.js';

interface Kind {
  id: string;
  /** What it is, for people. */
  name: string;
  pattern: RegExp;
  /** So many of them in a row, or in the file for bidi controls, are more than an accident. */
  least: number;
}

const KINDS: readonly Kind[] = [
  {
    id: 'hidden-unicode.variation-selectors',
    name: 'variation selectors',
    pattern: /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu,
    least: 8,
  },
  { id: 'hidden-unicode.tags', name: 'tag characters', pattern: /[\u{e0000}-\u{e007f}]{4,}/gu, least: 12 },
  {
    id: 'hidden-unicode.private-use',
    name: 'private use characters',
    pattern: /[\ue000-\uf8ff\u{f0000}-\u{ffffd}]{24,}/gu,
    least: 32,
  },
  {
    id: 'hidden-unicode.zero-width',
    name: 'zero-width characters',
    pattern: /(?:[\u200b\u200c\u2060-\u2064\ufeff\u180e\u00ad\u3164\uffa0]|\u200d){8,}/gu,
    least: 16,
  },
  { id: 'hidden-unicode.hangul-filler', name: 'hangul fillers', pattern: /[\u3164\uffa0\u115f\u1160]{4,}/gu, least: 8 },
];

/** Flags of England, Scotland and Wales are an emoji followed by tag characters: no payload. */
const FLAG = /\u{1f3f4}[\u{e0020}-\u{e007f}]{2,7}/gu;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;

/** One after the other they reorder nothing between them: a list of the characters themselves, as in a regular expression that looks for them. */
const LISTED = /[\u202a-\u202e][\u202a-\u202e\u2066-\u2069]*[\u2066-\u2069][\u2066-\u2069]/;

/** One at the start of a text that is only a placeholder, with nothing behind it that could be shown elsewhere. */
const ENDS_IN_PLACEHOLDER = /^[^\u202a-\u202e\u2066-\u2069]*`[\u202a-\u202e\u2066-\u2069]\$\{\w+\}[^\w]{0,4}$/;

/** Finds runs of invisible characters, which carry data, and bidi controls in code, which show other code than runs. */
export function hiddenUnicode(file: string, text: string, isCode: boolean): Fact[] {
  if (
    !/[\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ue000-\uf8ff\ufeff\uffa0\u{e0000}-\u{e007f}\u{f0000}-\u{ffffd}]|\p{Variation_Selector}/u.test(
      text,
    )
  )
    return [];
  const facts: Fact[] = [];
  const plain = text.replace(FLAG, (flag) => ' '.repeat(flag.length));
  for (const { id, name, pattern, least } of KINDS) {
    let longest: RegExpExecArray | null = null;
    let total = 0;
    for (const match of plain.matchAll(pattern)) {
      if (isTable(match[0])) continue;
      total += [...match[0]].length;
      if (longest === null || match[0].length > longest[0].length) longest = match;
    }
    if (longest === null || [...longest[0]].length < least) continue;
    const line = lineAt(text, longest.index);
    facts.push(
      factAt(
        id,
        `${total} invisible characters (${name}), the longest run is ${[...longest[0]].length}${decodedNote(longest[0])}`,
        { file, line },
      ),
    );
  }
  if (isCode) facts.push(...bidiControls(file, text));
  return facts;
}

/** Code points one after the other, as a table of a character set lists them, say nothing. */
function isTable(run: string): boolean {
  const codes = [...run].map((char) => char.codePointAt(0) ?? 0);
  const steps = codes.filter((code, index) => index > 0 && code === (codes[index - 1] ?? 0) + 1).length;
  return steps >= (codes.length - 1) * 0.9;
}

/** A longer line is a machine's: nobody reads it, so no reader is misled. */
const LONGEST_READ = 2_000;

/** A bidi control that is not closed on its line reorders what people read (CVE-2021-42574). */
function bidiControls(file: string, text: string): Fact[] {
  if (!BIDI.test(text)) return [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (!BIDI.test(line) || LISTED.test(line) || ENDS_IN_PLACEHOLDER.test(line) || line.length > LONGEST_READ) continue;
    // Inside a string or a comment that reaches code behind it.
    const overrides = (line.match(/[\u202d\u202e\u2066-\u2068]/g) ?? []).length;
    const closed = (line.match(/[\u202c\u2069]/g) ?? []).length;
    if (overrides > 0 && (/[\u202d\u202e]/.test(line) || overrides > closed) && /[;{}()=]/.test(line)) {
      return [
        factAt('hidden-unicode.bidi', 'bidi controls reorder what is shown of this line', { file, line: index + 1 }),
      ];
    }
  }
  return [];
}

/** What a run says when its code points are taken as bytes. */
function decodedNote(run: string): string {
  const bytes = [...run].flatMap((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xfe00 && code <= 0xfe0f) return [code - 0xfe00];
    if (code >= 0xe0100 && code <= 0xe01ef) return [code - 0xe0100 + 16];
    if (code >= 0xe0020 && code <= 0xe007e) return [code - 0xe0000];
    return [];
  });
  const text = Buffer.from(bytes).toString('utf8');
  return bytes.length > 8 && /^[\x09\x0a\x0d\x20-\x7e]+$/.test(text)
    ? `; as bytes it reads ${JSON.stringify(text.slice(0, 120))}`
    : '';
}
