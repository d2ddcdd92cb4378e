import { HOLE } from '../interpreter/value.js';

const START = '\u0002';
const END = '\u0003';
const MOST_SHAPES = 12;
const LONGEST_PATTERN = 200;
const LEAST_KNOWN = 3;

/** What texts look like that a regular expression matches, unknown parts as holes; null where it says next to nothing. */
export function shapesOf(source: string): string[] | null {
  if (source.length > LONGEST_PATTERN) return null;
  const reader = new Reader(source);
  const read = reader.alternatives();
  if (read === null || !reader.isDone) return null;
  const shapes = [...new Set(read.map(framed))];
  return shapes.every((shape) => shape.replaceAll(HOLE, '').length >= LEAST_KNOWN) ? shapes : null;
}

/** What stands before the beginning that is asked for, or after the end, may be anything. */
function framed(shape: string): string {
  const start = shape.startsWith(START) ? shape : `${HOLE}${shape}`;
  const whole = start.includes(END) ? start.slice(0, start.indexOf(END)) : `${start}${HOLE}`;
  return whole.replaceAll(START, '').replace(/\uFFFC+/g, HOLE);
}

/** Reads what patterns of file names are made of: letters, alternatives, groups, what may be absent. */
class Reader {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  get isDone(): boolean {
    return this.at >= this.source.length;
  }

  alternatives(): string[] | null {
    const all: string[] = [];
    for (;;) {
      const way = this.sequence();
      if (way === null) return null;
      all.push(...way);
      if (all.length > MOST_SHAPES) return null;
      if (this.source[this.at] !== '|') return all;
      this.at++;
    }
  }

  private sequence(): string[] | null {
    let shapes = [''];
    while (!this.isDone && this.source[this.at] !== '|' && this.source[this.at] !== ')') {
      const atom = this.atom();
      if (atom === null) return null;
      const part = this.repeated(atom);
      shapes = shapes.flatMap((shape) => part.map((each) => shape + each));
      if (shapes.length > MOST_SHAPES) return null;
    }
    return shapes;
  }

  private atom(): string[] | null {
    const char = this.source[this.at++] as string;
    if (char === '^') return [START];
    if (char === '$') return [END];
    if (char === '.') return [HOLE];
    if (char === '[') return this.set();
    if (char === '\\') return escaped(this.source[this.at++] ?? '');
    return char === '(' ? this.group() : [char];
  }

  private group(): string[] | null {
    const kind = /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.source.slice(this.at))?.[0] ?? '';
    this.at += kind.length;
    const inner = this.alternatives();
    if (inner === null || this.source[this.at++] !== ')') return null;
    return /[=!]$/.test(kind) ? [''] : inner;
  }

  private set(): string[] | null {
    const end = this.source.indexOf(']', this.at + 1);
    if (end < 0) return null;
    const members = this.source.slice(this.at, end);
    this.at = end + 1;
    return /^[\w.-]$|^\\[.-]$/.test(members) ? [members.replace('\\', '')] : [HOLE];
  }

  private repeated(atom: string[]): string[] {
    const sign = /^(?:[?*+]|\{\d+(?:,\d*)?\})\??/.exec(this.source.slice(this.at))?.[0] ?? '';
    this.at += sign.length;
    if (sign === '') return atom;
    return sign.startsWith('?') ? ['', ...atom] : [HOLE];
  }
}

function escaped(char: string): string[] | null {
  if (/[bB]/.test(char)) return [''];
  if (/[dDwWsSpP]/.test(char)) return [HOLE];
  return /[^a-zA-Z0-9]/.test(char) ? [char] : null;
}
