import { functionBodies } from './function-bodies.js';
import { endOfRegex, endOfString, endOfTemplate, isLineEnd } from './literal-ends.js';

const REGEX_AFTER_WORD = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'void',
  'delete',
  'do',
  'else',
  'throw',
  'new',
  'instanceof',
]);
/** Words that are names in some places and keywords in others. */
const UNSURE_WORD = new Set(['yield', 'await', 'of', 'let', 'async', 'static', 'get', 'set', 'from', 'as']);
const LINE_END = /[\n\r\u2028\u2029]/;
const HTML_COMMENT = /<!--|-->/;

/**
 * The text with its comments blanked, or null where one cannot be sure without parsing what is a comment and what a regular
 * expression, a template or a division: then everything counts as code.
 */
export function withoutComments(code: string): string | null {
  return HTML_COMMENT.test(code) ? null : (byLiterals(code) ?? byBrackets(code));
}

/** Follows brackets too, which tells a regular expression from a division nearly everywhere, and takes twice the time. */
function byBrackets(code: string): string | null {
  if (code.startsWith('#!') || code.charCodeAt(0) === 0xfeff) return null;
  const bodies = functionBodies(code);
  return bodies === null ? null : blanked(code, bodies.comments);
}

/** A text with blanks for what stands between offsets that begin and end by turns. */
function blanked(code: string, places: readonly number[]): string {
  const parts: string[] = [];
  let kept = 0;
  for (let index = 0; index < places.length; index += 2) {
    const [from, to] = [places[index] as number, places[index + 1] as number];
    parts.push(code.slice(kept, from), ' '.repeat(to - from));
    kept = to;
  }
  parts.push(code.slice(kept));
  return parts.join('');
}

function byLiterals(code: string): string | null {
  const comments: number[] = [];
  const templates: number[] = [];
  let depth = 0;
  let at = code.startsWith('#!') ? endOfLine(code, 0) : 0;
  for (; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 34 || char === 39) {
      at = endOfString(code, at, char) - 1;
      if (at < 0) return null;
    } else if (char === 96) {
      at = endOfTemplate(code, at + 1) - 1;
      if (at < 0) return null;
      if (code.charCodeAt(at) === 123) templates.push(depth++);
    } else if (char === 123) depth++;
    else if (char === 125) {
      depth--;
      if (templates.length > 0 && templates[templates.length - 1] === depth) {
        templates.pop();
        at = endOfTemplate(code, at + 1) - 1;
        if (at < 0) return null;
        if (code.charCodeAt(at) === 123) templates.push(depth++);
      }
    } else if (char === 47) {
      const following = code.charCodeAt(at + 1);
      if (following === 47) {
        const end = endOfLine(code, at);
        comments.push(at, end);
        at = end - 1;
      } else if (following === 42) {
        const end = code.indexOf('*/', at + 2);
        if (end < 0) return null;
        comments.push(at, end + 2);
        at = end + 1;
      } else {
        const regex = startsRegex(code, at);
        if (regex === null) return null;
        if (regex) {
          at = endOfRegex(code, at) - 1;
          if (at < 0) return null;
        }
      }
    }
  }
  return depth === 0 ? blanked(code, comments) : null;
}

function endOfLine(code: string, from: number): number {
  const found = code.slice(from, from + 400).search(LINE_END);
  if (found >= 0) return from + found;
  for (let at = from; at < code.length; at++) if (isLineEnd(code.charCodeAt(at))) return at;
  return code.length;
}

const IN_WORD = /[\w$\u0080-\uffff]/;

/** Whether a slash begins a regular expression, by what stands before it; null where that does not say. */
function startsRegex(code: string, slash: number): boolean | null {
  let at = slash - 1;
  while (at >= 0 && code.charCodeAt(at) <= 32) at--;
  if (at < 0) return true;
  const char = code[at] as string;
  if (char === ')' || char === '}' || char === '/') return null;
  if (char === ']' || char === '"' || char === "'" || char === '`') return false;
  if ((char === '+' || char === '-') && code[at - 1] === char) return null;
  if (!IN_WORD.test(char)) return true;
  const end = at + 1;
  while (at >= 0 && IN_WORD.test(code[at] as string)) at--;
  const word = code.slice(at + 1, end);
  if (UNSURE_WORD.has(word)) return null;
  return code[at] !== '.' && REGEX_AFTER_WORD.has(word);
}
