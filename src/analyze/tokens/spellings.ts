import { base85 } from './base85.js';

/** A way to spell a text that a program undoes, and how it is told that one does. */
interface Spelling {
  undone: RegExp;
  read: (literal: string) => string;
}

const SPELLINGS: readonly Spelling[] = [
  { undone: /rot_?13|tr\/A-Za-z\/N-ZA-Mn-za-m|["']A-Za-z["']\s*,\s*["']N-ZA-Mn-za-m/i, read: rot13 },
  { undone: /\[::-1\]|\breversed\s*\(|\bstrrev\s*\(|\.reverse\b|\breverse\s*\(|\[array\]::Reverse/i, read: reversed },
  {
    undone: /b64_?decode|base64_decode|decode_?base64|decode64|FromBase64|unpack1?\s*\(?\s*["']m/i,
    read: (literal) => (/^[\w+/-]{8,}={0,2}$/.test(literal) ? Buffer.from(literal, 'base64').toString('latin1') : ''),
  },
  {
    undone: /\bfromhex\b|unhexlify|hex2bin|\bpack\s*\(?\s*["']H/i,
    read: (literal) => (/^(?:[0-9a-f]{2}){4,}$/i.test(literal) ? Buffer.from(literal, 'hex').toString('latin1') : ''),
  },
  { undone: /\b[ab]85decode\b|\bascii85\b|\bbase85\b/i, read: base85 },
];

/** How literals of a text may read, where the text undoes spellings somewhere: whatever way they take there. */
export function spellingsOf(text: string): ((literal: string) => string)[] {
  const table = translation(text);
  const known = SPELLINGS.filter(({ undone }) => undone.test(text)).map(({ read }) => read);
  return table === null ? known : [...known, table];
}

/** `str.maketrans("abc", "nop")`. */
function translation(text: string): ((literal: string) => string) | null {
  const [, , from = '', , to = ''] =
    /maketrans\(\s*(["'])([^"'\n]{8,100})\1\s*,\s*(["'])([^"'\n]{8,100})\3\s*\)/.exec(text) ?? [];
  if (from === '' || from.length !== to.length) return null;
  return (literal) => [...literal].map((each) => (from.includes(each) ? to[from.indexOf(each)] : each)).join('');
}

/** Every letter by the one 13 places on. */
export function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
