/** One finished system call as strace prints it. */
export interface TracedCall {
  pid: number;
  name: string;
  /** Arguments at the top level, as printed. */
  args: string[];
  /** What it returned; null where it never did. */
  value: number | null;
  /** Path of the returned descriptor, where there is one. */
  returned: string | null;
  /** Name of the error, e.g. `ENOENT`. */
  error: string | null;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/** Splits printed arguments at their commas, leaving strings, lists, structures and `<paths>` whole. */
export function splitArguments(text: string): string[] {
  const args: string[] = [];
  const open: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '<' && text[at + 1] === '<') at++;
    else if (CLOSING[character] !== undefined) {
      open.push(CLOSING[character]!);
    } else if (character === open.at(-1)) open.pop();
    else if (character === ',' && open.length === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? args : [...args, last];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', '"': '"', '\\': '\\' };

/** The text of a printed string (or of a path in angle brackets), its C escapes undone; null for what is none. */
export function textOf(printed: string | undefined): string | null {
  const quoted =
    /^"((?:[^"\\]|\\.)*)"(?:\.\.\.)?$/s.exec(printed ?? '') ?? /<((?:[^<>\\]|\\.)*)>$/s.exec(printed ?? '');
  if (quoted === null) return null;
  const bytes: number[] = [];
  const source = quoted[1]!;
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== '\\') {
      bytes.push(...Buffer.from(source[at]!, 'utf8'));
      continue;
    }
    const octal = /^[0-7]{1,3}/.exec(source.slice(at + 1, at + 4))?.[0];
    if (octal === undefined) {
      at++;
      bytes.push(...Buffer.from(ESCAPES[source[at]!] ?? source[at] ?? '', 'utf8'));
    } else {
      at += octal.length;
      bytes.push(Number.parseInt(octal, 8) & 255);
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** Where a call was interrupted by another process's line, its beginning waits for its end. */
const UNFINISHED = /^(.*?)\s*<unfinished \.\.\.>$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/s;
const CALL = /^(\w+)\((.*)\)\s+= (-?\d+|\?|0x[0-9a-f]+)(?:(<.*?>)?(?: (E[A-Z0-9]+) \(.*?\))?.*)?$/s;

/** Makes a reader of the lines of `strace -f -o`: gives a call once it has ended, and null for everything else. */
export function createLineReader(): (line: string) => TracedCall | { pid: number; begun: string } | null {
  const waiting = new Map<number, string>();
  return (line) => {
    const numbered = /^(\d+)\s+(.*)$/s.exec(line);
    if (numbered === null) return null;
    const pid = Number(numbered[1]);
    let text = numbered[2]!;
    const unfinished = UNFINISHED.exec(text);
    if (unfinished !== null) {
      waiting.set(pid, unfinished[1]!);
      return { pid, begun: /^\w+/.exec(text)?.[0] ?? '' };
    }
    const resumed = RESUMED.exec(text);
    if (resumed !== null) {
      text = (waiting.get(pid) ?? `${resumed[1]}(`) + resumed[2]!;
      waiting.delete(pid);
    }
    const call = CALL.exec(text);
    if (call === null) return null;
    return {
      pid,
      name: call[1]!,
      args: splitArguments(call[2]!),
      value: call[3] === '?' ? null : Number(call[3]),
      returned: call[4] === undefined ? null : textOf(call[4]),
      error: call[5] ?? null,
    };
  };
}
