/** Words to look for in texts, with tables that tell most other words apart by their first letter and length. */
export class WordSet {
  private readonly words: ReadonlySet<string>;
  private readonly lengths = new Int32Array(128);

  /** @param words identifiers of at most 31 ASCII characters */
  constructor(words: Iterable<string>) {
    this.words = new Set(words);
    for (const word of this.words) {
      const first = word.charCodeAt(0);
      this.lengths[first] = (this.lengths[first] as number) | (1 << word.length);
    }
  }

  /** Those that stand in a text as whole words, anywhere: in code, strings and comments. */
  foundIn(text: string): Set<string> {
    const found = new Set<string>();
    const { length } = text;
    for (let at = 0; at < length; at++) {
      const first = text.charCodeAt(at);
      if (first > 127 || IN_WORD[first] === 0) continue;
      const start = at++;
      while (at < length) {
        const char = text.charCodeAt(at);
        if (char > 127 || IN_WORD[char] === 0) break;
        at++;
      }
      const size = at - start;
      if (size < 32 && ((this.lengths[first] as number) & (1 << size)) !== 0) {
        const word = text.slice(start, at);
        if (this.words.has(word)) found.add(word);
      }
    }
    return found;
  }
}

const IN_WORD = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$') IN_WORD[char.charCodeAt(0)] = 1;
