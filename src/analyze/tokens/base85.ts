/** Python's `b85encode`, as git's binary patches have it. */
const OF_GIT = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
/** Adobe's Ascii85: `!` to `u`. */
const OF_ADOBE = Array.from({ length: 85 }, (_, at) => String.fromCharCode(33 + at)).join('');

/** Text of a literal in base85, of whichever of the two alphabets gives something readable; '' where neither does. */
export function base85(literal: string): string {
  for (const alphabet of [OF_GIT, OF_ADOBE]) {
    const text = decoded(literal.replace(/^<~|~>$/g, ''), alphabet);
    if (text !== null && /^[\t\n\r\x20-\x7e]{4,}$/.test(text)) return text;
  }
  return '';
}

function decoded(literal: string, alphabet: string): string | null {
  const out: number[] = [];
  for (let at = 0; at < literal.length; at += 5) {
    const group = literal.slice(at, at + 5);
    // What is missing at the end counts as the last sign.
    let sum = 0;
    for (const sign of group.padEnd(5, alphabet.at(-1) ?? '')) {
      const digit = alphabet.indexOf(sign);
      if (digit < 0) return null;
      sum = sum * 85 + digit;
    }
    if (sum > 0xffffffff) return null;
    const bytes = [sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255];
    out.push(...bytes.slice(0, group.length - 1));
  }
  return Buffer.from(out).toString('latin1');
}
