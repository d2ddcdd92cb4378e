import type { Parsed, ParseFailure } from '../parsing/parse.js';
import type { ReachTokens, TextReach } from '../reach/reach-tokens.js';

/** What is known of one file by its contents alone, whoever loads it; each is worked out when it is first asked for. */
export interface FileReading {
  readonly content: Uint8Array | string;
  readonly text: string;
  parsed?: Parsed | ParseFailure;
  /** Modules of the world by their ids, where the file is a bundle that is read in parts. */
  bundled?: Map<string, string>;
  obfuscated?: string[];
  /** The text without its comments; null where one cannot tell them. */
  bare?: string | null;
  hidden?: boolean;
  /** What the text names, by the tables it was searched with. */
  reach?: { tokens: ReachTokens; found: TextReach };
  /** Where it names that, by the tables and by whether hints count. */
  places?: { tokens: ReachTokens; together: boolean; all: Spans; powers: Spans };
}

/** Places in a text, sorted by where they end. */
export interface Spans {
  starts: number[];
  ends: number[];
}

/** Syntax trees take some thirty times the text. */
const MOST_TEXT = 12_000_000;

/**
 * The files of one tarball as they were read. Where packages are bundled in it, each of them is followed by itself, and loads again what the
 * ones before it have loaded.
 */
export class FileReadings {
  private readonly known = new Map<string, FileReading>();
  private length = 0;

  of(path: string, content: Uint8Array | string): FileReading {
    const known = this.known.get(path);
    if (known?.content === content) return known;
    const text =
      typeof content === 'string'
        ? content
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
    const made: FileReading = { content, text };
    this.known.set(path, made);
    this.length += text.length;
    return made;
  }

  /** To be called between packages: much that was read is read again rather than kept. */
  trim(): void {
    if (this.length <= MOST_TEXT) return;
    this.known.clear();
    this.length = 0;
  }
}
