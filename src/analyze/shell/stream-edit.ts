import { longestInput } from '../javascript/parsing/regex-risk.js';

const MOST_LINES = 4_000;
const LONGEST_PATTERN = 400;

interface Edit {
  /** Lines that it is for: fitting a pattern, or by number; null for all. */
  where: RegExp | number | null;
  kind: 's' | 'p' | 'd' | 'q';
  pattern: RegExp | null;
  replacement: string;
  prints: boolean;
}

/** What `sed` makes of a known text; null where its script has more than substitutions, `p`, `d` and `q`, or a pattern is too costly. */
export function streamEdited(flags: readonly string[], text: string): string | null {
  const asked = readOptions(flags);
  if (asked === null) return null;
  const lines = text.replace(/\n$/, '').split('\n');
  const longest = Math.max(...lines.slice(0, MOST_LINES).map((line) => line.length));
  const edits = readScript(asked.script, asked.extended, longest);
  if (edits === null || edits.length === 0 || lines.length > MOST_LINES) return null;
  const out: string[] = [];
  for (const [index, line] of lines.entries()) {
    const ended = applyTo(line, index + 1, edits, asked.quiet, out);
    if (ended) break;
  }
  return out.join('\n');
}

function readOptions(flags: readonly string[]): { script: string; quiet: boolean; extended: boolean } | null {
  const scripts: string[] = [];
  let [quiet, extended] = [false, false];
  for (let at = 0; at < flags.length; at++) {
    const flag = flags[at] as string;
    const long = /^--expression=(.*)$/s.exec(flag)?.[1];
    if (long !== undefined) scripts.push(long);
    else if (/^-[nEre]+$/.test(flag)) {
      quiet ||= flag.includes('n');
      extended ||= /[Er]/.test(flag);
      if (flag.endsWith('e')) scripts.push(flags[++at] ?? '');
    } else if (/^--(?:quiet|silent)$/.test(flag)) quiet = true;
    else if (flag === '--regexp-extended') extended = true;
    else if (flag.startsWith('-')) return null;
    else {
      if (scripts.length === 0) scripts.push(flag);
      break;
    }
  }
  return scripts.length === 0 ? null : { script: scripts.join('\n'), quiet, extended };
}

function readScript(script: string, extended: boolean, longest: number): Edit[] | null {
  const edits: Edit[] = [];
  let at = 0;
  const part = (delimiter: string): string | null => {
    let found = '';
    for (; at < script.length; at++) {
      const sign = script[at] as string;
      if (sign === delimiter) {
        at++;
        return found;
      }
      if (sign === '\\' && at + 1 < script.length) {
        at++;
        found += script[at] === delimiter && delimiter !== '\\' ? delimiter : `\\${script[at]}`;
      } else found += sign;
    }
    return null;
  };
  while (at < script.length) {
    if (/[\s;]/.test(script[at] as string)) {
      at++;
      continue;
    }
    let where: Edit['where'] = null;
    if (script[at] === '/') {
      at++;
      const pattern = part('/');
      where = pattern === null ? null : compiled(pattern, extended, '', longest);
      if (where === null) return null;
    } else {
      const number = /^\d+/.exec(script.slice(at))?.[0];
      if (number !== undefined) {
        where = Number(number);
        at += number.length;
      }
    }
    const kind = script[at++];
    if (kind === 'p' || kind === 'd' || kind === 'q') {
      edits.push({ where, kind, pattern: null, replacement: '', prints: false });
    } else if (kind === 's' && at < script.length) {
      const delimiter = script[at++] as string;
      const [pattern, replacement] = [part(delimiter), part(delimiter)];
      const flags = /^[gpiI]*/.exec(script.slice(at))?.[0] ?? '';
      at += flags.length;
      const regex =
        pattern === null || replacement === null
          ? null
          : compiled(pattern, extended, `${flags.includes('g') ? 'g' : ''}${/i/i.test(flags) ? 'i' : ''}`, longest);
      if (regex === null) return null;
      edits.push({ where, kind: 's', pattern: regex, replacement: replacement ?? '', prints: flags.includes('p') });
    } else return null;
    if (at < script.length && !/[\s;]/.test(script[at] as string)) return null;
  }
  return edits;
}

/** Edits one line and prints it; true where the script ends with it. */
function applyTo(line: string, number: number, edits: readonly Edit[], quiet: boolean, out: string[]): boolean {
  let text = line;
  for (const { where, kind, pattern, replacement, prints } of edits) {
    if (where !== null && !(typeof where === 'number' ? where === number : where.test(text))) continue;
    if (kind === 'd') return false;
    if (kind === 'p') out.push(text);
    if (kind === 'q') {
      if (!quiet) out.push(text);
      return true;
    }
    if (pattern === null) continue;
    let changed = false;
    text = text.replace(pattern, (found: string, ...groups: unknown[]) => {
      changed = true;
      return replacement.replace(/\\(.)|&/gs, (whole, sign: string | undefined) => {
        if (whole === '&') return found;
        if (/\d/.test(sign ?? '')) return sign === '0' ? found : String(groups[Number(sign) - 1] ?? '');
        return sign === 'n' ? '\n' : sign === 't' ? '\t' : (sign ?? '');
      });
    });
    if (changed && prints) out.push(text);
  }
  if (!quiet) out.push(text);
  return false;
}

function compiled(pattern: string, extended: boolean, flags: string, longest: number): RegExp | null {
  const source = javascriptPattern(pattern, extended);
  if (source.length > LONGEST_PATTERN || longest > longestInput(source)) return null;
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

/** A pattern of POSIX as JavaScript writes it: the basic kind has its groups and counts behind backslashes. */
function javascriptPattern(pattern: string, extended: boolean): string {
  return pattern.replace(
    /\\(.)|\[(\^?)(\]?(?:\[:\w+:\]|[^\]])*)\]|([(){}|+?])|(\/)/gs,
    (
      whole,
      escaped: string | undefined,
      not: string | undefined,
      set: string | undefined,
      sign: string | undefined,
      slash: string | undefined,
    ) => {
      if (slash !== undefined) return '\\/';
      if (set !== undefined) return `[${not ?? ''}${classes(set)}]`;
      if (sign !== undefined) return extended ? sign : `\\${sign}`;
      if (escaped !== undefined && /[(){}|+?]/.test(escaped)) return extended ? `\\${escaped}` : escaped;
      return whole;
    },
  );
}

const NAMED: Readonly<Record<string, string>> = {
  space: '\\s',
  blank: ' \\t',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  xdigit: '0-9A-Fa-f',
};

function classes(set: string): string {
  return set
    .replace(/[\\[\]](?!:)|(?<!:)\]/g, '\\$&')
    .replace(/\[:(\w+):\\?\]/g, (_whole, name: string) => NAMED[name] ?? '');
}
