const LONG = 31;

/** Words to look for in texts, with tables that tell most other words apart by their first letter and length. */
export class WordSet {
  private readonly words: ReadonlySet<string>;
  private readonly lengths = new Int32Array(128);

  /** @param words ASCII identifiers */
  constructor(words: Iterable<string>) {
    this.words = new Set(words);
    for (const word of this.words) {
      const first = word.charCodeAt(0);
      this.lengths[first] = (this.lengths[first] as number) | (1 << Math.min(word.length, LONG));
    }
  }

  /** Those that stand in a text as whole words, anywhere: in code, strings and comments. */
  foundIn(text: string): Set<string> {
    const found = new Set<string>();
    this.visit(text, (word) => found.add(word));
    return found;
  }

  /** Every place of theirs in a text. */
  placesIn(text: string): { word: string; at: number }[] {
    const places: { word: string; at: number }[] = [];
    this.visit(text, (word, at) => places.push({ word, at }));
    return places;
  }

  private visit(text: string, report: (word: string, at: number) => void): void {
    const { length } = text;
    for (let at = 0; at < length; at++) {
      const first = text.charCodeAt(at);
      if (first <= 127 && IN_WORD[first] === 0) continue;
      const start = at++;
      while (at < length) {
        const char = text.charCodeAt(at);
        if (char <= 127 && IN_WORD[char] === 0) break;
        at++;
      }
      if (first > 127 || ((this.lengths[first] as number) & (1 << Math.min(at - start, LONG))) === 0) continue;
      const word = text.slice(start, at);
      if (this.words.has(word)) report(word, start);
    }
  }
}

const IN_WORD = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$') IN_WORD[char.charCodeAt(0)] = 1;
