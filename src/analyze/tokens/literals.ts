import type { ArgumentFact } from '../observation.js';
import { HOLE } from '../task.js';

/** A text literal of a call, and where in the window it stands. */
interface Literal {
  argument: ArgumentFact;
  from: number;
  to: number;
}

const MOST = 8;
const SHELL = /^(?:.*[\\/])?(?:ba|z|da|k|a)?sh$|^cmd(?:\.exe)?$|^(?:powershell|pwsh)(?:\.exe)?$/i;

/** String literals of a call that starts before `from`; joined ones as one. */
export function literalsAfter(text: string, from: number, matched: string): ArgumentFact[] {
  const window = windowOf(text, from, matched);
  const found = literals(window).map(({ argument }) => argument);
  // PowerShell and shells write addresses without quotes.
  const bare = found.some(({ text: known }) => known?.includes('://'))
    ? undefined
    : /^[^\n;|]*?\s["']?(https?:\/\/[^\s"'`)\]}|;,]+)/.exec(window)?.[1];
  if (bare !== undefined) found.unshift(argumentOf(bare.replace(/\$\{?[A-Za-z_:]\w*\}?/g, HOLE)));
  return found.length === 0 ? [{ text: null, constant: false, taints: [], decoded: false, fields: {} }] : found;
}

/** Names before a text, each ended by a blank, a separator or the end: were it open where one ends, trying would take time without end. */
const ONLY_NAMES = /^[\s([{&*=:]*(?:[\w.$@]+(?:\s*[,(=:]\s*|\s+|(?![\w.$@])))*[\s([{\]]*$/;

/**
 * The command line that a call starts: its first text, or a program and its arguments one by one, `["sh", "-c", "…"]`.
 * What stands between them in no quotes is a part that is not known.
 */
export function commandAfter(text: string, from: number, matched: string): string | null {
  const window = windowOf(text, from, matched);
  const [first, ...rest] = literals(window);
  if (first === undefined) return null;
  const before = window.slice(0, first.from);
  if (before.length > 120 || !ONLY_NAMES.test(before)) return null;
  const words = [...[...before.matchAll(/[\w.$@]+\s*,/g)].map(() => HOLE), first.argument.text ?? ''];
  let end = first.to;
  for (const { argument, from: start, to } of rest) {
    const between = window.slice(end, start);
    if (!/^\s*(?:,\s*|=>\s*)(?:[\w.$@]+\s*,\s*)*$/.test(between)) break;
    for (const _unknown of between.matchAll(/[\w.$@]+\s*,/g)) words.push(HOLE);
    words.push(argument.text ?? '');
    end = to;
  }
  if (words.length === 1) return words[0] ?? null;
  return SHELL.test(words[0] ?? '') || !/\s/.test(words[0] ?? '') ? words.map(quoted).join(' ') : (words[0] ?? null);
}

/** The argument as a rule sees it. */
export function argumentOf(text: string): ArgumentFact {
  return { text, constant: !text.includes(HOLE), taints: [], decoded: false, fields: {} };
}

function windowOf(text: string, from: number, matched: string): string {
  return (
    matched.slice(matched.search(/[("'[{]/) + 1 || matched.length) + text.slice(from, from + 600).split(/\n\s*\n/)[0]
  );
}

function literals(window: string): Literal[] {
  const found: Literal[] = [];
  for (const match of window.matchAll(/([fFbBrRuU$@]{0,2})(["'])((?:\\.|(?!\2)[^\\])*)\2/g)) {
    const raw = match[3] ?? '';
    const interpolated = /f|\$/i.test(match[1] ?? '') || match[2] === '"';
    const value = interpolated
      ? raw.replace(/#?\{[^{}\s]*\}|\$\{?[A-Za-z_:]\w*(?:->|\[[^\]]*\]|\{[^}]*\})?\}?/g, HOLE)
      : raw;
    found.push({ argument: argumentOf(unescapeLiteral(value)), from: match.index, to: match.index + match[0].length });
    if (found.length === MOST) break;
  }
  return found;
}

function quoted(word: string): string {
  return /^[\w./:@%+=,\uFFFC-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function unescapeLiteral(text: string): string {
  return text
    .replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(["'\\])/g, '$1');
}
