import { endOfRegex, endOfString, endOfTemplate } from './literal-ends.js';

/**
 * Finds the bodies of functions in a script without parsing it: one pass that knows strings, templates, comments, and when a slash
 * begins a regular expression. It follows the grammar only as far as it can be certain; where it is not (JSX, comments of HTML, a slash
 * behind a block), it gives up, and the text is parsed as a whole. Nothing may be read otherwise here than a parser reads it.
 */

/** Offsets of bodies with their braces, outer ones before inner ones. */
export interface FunctionBodies {
  starts: number[];
  /** Behind the closing brace; -1 while it is open. */
  ends: number[];
  /** Where comments begin and end, by turns. */
  comments: number[];
}

/** Classes of characters; all others are 0. */
const LETTER = 1;
const DIGIT = 2;
const BLANK = 3;
const LINE = 4;

const CLASSES = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_#') CLASSES[char.charCodeAt(0)] = LETTER;
for (const char of '0123456789') CLASSES[char.charCodeAt(0)] = DIGIT;
for (const char of ' \t\v\f') CLASSES[char.charCodeAt(0)] = BLANK;
for (const char of '\r\n') CLASSES[char.charCodeAt(0)] = LINE;

const BLANK_BEYOND_ASCII = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]/;

/** What stood last, as far as it decides what may follow. */
const OPERATOR = 0;
const OPERAND = 1;
const WORD = 2;
const DOT = 3;
const ARROW = 4;
const PARENTHESIS = 5;
const BRACE = 6;
/** `++` or `--` behind an operand, and anywhere else. */
const POSTFIX = 7;
const PREFIX = 8;

/** What a bracket is. */
const PLAIN = 0;
/** Parentheses of `if`, `while`, `for`, `with`: a statement follows. */
const CONDITION = 1;
/** Parentheses of `switch` and `catch`: a block follows. */
const HEAD = 2;
const SQUARE = 3;
const CURLY = 4;
const SUBSTITUTION = 5;
/** Braces of a function; its place in the lists is this number less. */
const FUNCTION = 6;

/** Words behind which an expression begins. */
const BEFORE_EXPRESSION = new Set('return typeof case in instanceof void delete do else throw new'.split(' '));
/** Words that are a keyword in one place and a name in another, and keywords behind which a slash is no code. */
const UNSURE = new Set(
  (
    'of yield await break continue debugger default extends var let const function class import export if for while with switch catch try ' +
    'finally enum'
  ).split(' '),
);

/** Functions in one another; text of more is read again too often. */
const DEEPEST = 60;

/** Whether an expression begins at this place; null where that is not certain. */
type Expected = boolean | null;

/** The bodies of all functions of a text that have one in braces; null where the text cannot be followed with certainty. */
export function functionBodies(code: string): FunctionBodies | null {
  // Other ends of lines than those that everybody writes.
  if (code.includes('\u2028') || code.includes('\u2029') || (code.includes('\r') && /\r(?!\n)/.test(code))) return null;
  const starts: number[] = [];
  const ends: number[] = [];
  const comments: number[] = [];
  const brackets: number[] = [];
  /** Depths at which the next brace is that of a class. */
  const classes: number[] = [];
  const length = code.length;
  let last = OPERATOR;
  let wordStart = 0;
  let wordEnd = 0;
  let dotted = false;
  let closed = PLAIN;
  let newline = false;
  let nesting = 0;
  let at = 0;

  const expected = (): Expected => {
    switch (last) {
      case OPERATOR:
      case ARROW:
        return true;
      case OPERAND:
      case POSTFIX:
        return newline ? null : false;
      case PARENTHESIS:
        if (closed === CONDITION) return true;
        return newline || closed === HEAD ? null : false;
      case WORD: {
        if (dotted) return newline ? null : false;
        const word = code.slice(wordStart, wordEnd);
        if (BEFORE_EXPRESSION.has(word)) return true;
        return newline || UNSURE.has(word) ? null : false;
      }
      default:
        return null;
    }
  };

  while (at < length) {
    const char = code.charCodeAt(at);
    const kind = char < 128 ? CLASSES[char] : BLANK_BEYOND_ASCII.test(code[at] as string) ? BLANK : LETTER;
    if (kind === BLANK) {
      at++;
      continue;
    }
    if (kind === LINE) {
      newline = true;
      at++;
      continue;
    }
    if (kind === LETTER) {
      const from = at++;
      while (at < length) {
        const next = code.charCodeAt(at);
        if (
          next < 128 ? CLASSES[next] !== LETTER && CLASSES[next] !== DIGIT : BLANK_BEYOND_ASCII.test(code[at] as string)
        )
          break;
        at++;
      }
      // `for await (` is a `for`.
      if (at - from === 5 && char === 97 && last === WORD && !dotted && isWord(code, from, at, 'await')) {
        if (isWord(code, wordStart, wordEnd, 'for')) continue;
      }
      dotted = last === DOT;
      if (at - from === 5 && char === 99 && !dotted && isWord(code, from, at, 'class') && opensClass(code, at))
        classes.push(brackets.length);
      wordStart = from;
      wordEnd = at;
      last = WORD;
      newline = false;
      continue;
    }
    if (kind === DIGIT) {
      at = endOfNumber(code, at);
      if (at < 0) return null;
      last = OPERAND;
      newline = false;
      continue;
    }
    switch (char) {
      case 34: // "
      case 39: // '
        at = endOfString(code, at, char);
        if (at < 0) return null;
        last = OPERAND;
        break;
      case 96: // `
        at = endOfTemplate(code, at + 1);
        if (at < 0) return null;
        if (code.charCodeAt(at - 1) === 96) last = OPERAND;
        else {
          brackets.push(SUBSTITUTION);
          last = OPERATOR;
        }
        break;
      case 47: {
        // /
        const following = code.charCodeAt(at + 1);
        if (following === 47) {
          comments.push(at);
          at = code.indexOf('\n', at);
          if (at < 0) at = length;
          comments.push(at);
          continue;
        }
        if (following === 42) {
          const end = code.indexOf('*/', at + 2);
          if (end < 0) return null;
          if (!newline) newline = code.slice(at, end).includes('\n');
          comments.push(at, end + 2);
          at = end + 2;
          continue;
        }
        const regex = expected();
        if (regex === null) return null;
        if (regex) {
          at = endOfRegex(code, at);
          if (at < 0) return null;
          while (code.charCodeAt(at) < 128 && CLASSES[code.charCodeAt(at)] === LETTER) at++;
          last = OPERAND;
        } else {
          at++;
          last = OPERATOR;
        }
        break;
      }
      case 40: // (
        brackets.push(last === WORD && !dotted ? headOf(code, wordStart, wordEnd) : PLAIN);
        last = OPERATOR;
        at++;
        break;
      case 41: {
        // )
        const open = brackets.pop();
        if (open !== PLAIN && open !== CONDITION && open !== HEAD) return null;
        closed = open;
        last = PARENTHESIS;
        at++;
        break;
      }
      case 91: // [
        brackets.push(SQUARE);
        last = OPERATOR;
        at++;
        break;
      case 93: // ]
        if (brackets.pop() !== SQUARE) return null;
        last = OPERAND;
        at++;
        break;
      case 123: {
        // {
        const depth = brackets.length;
        while (classes.length > 0 && (classes[classes.length - 1] as number) > depth) classes.pop();
        if (classes.length > 0 && classes[classes.length - 1] === depth) {
          classes.pop();
          brackets.push(CURLY);
        } else if (last === ARROW || (last === PARENTHESIS && closed === PLAIN)) {
          if (++nesting > DEEPEST) return null;
          brackets.push(FUNCTION + starts.length);
          starts.push(at);
          ends.push(-1);
        } else brackets.push(CURLY);
        last = OPERATOR;
        at++;
        break;
      }
      case 125: {
        // }
        const open = brackets.pop();
        if (open === undefined || open < CURLY) return null;
        at++;
        if (open === SUBSTITUTION) {
          at = endOfTemplate(code, at);
          if (at < 0) return null;
          if (code.charCodeAt(at - 1) === 96) last = OPERAND;
          else {
            brackets.push(SUBSTITUTION);
            last = OPERATOR;
          }
        } else {
          if (open >= FUNCTION) {
            ends[open - FUNCTION] = at;
            nesting--;
          }
          last = BRACE;
        }
        break;
      }
      case 46: {
        // .
        const following = code.charCodeAt(at + 1);
        if (following < 128 && CLASSES[following] === DIGIT) {
          at = endOfNumber(code, at);
          if (at < 0) return null;
          last = OPERAND;
        } else if (following === 46) {
          if (code.charCodeAt(at + 2) !== 46) return null;
          at += 3;
          last = OPERATOR;
        } else {
          at++;
          last = DOT;
        }
        break;
      }
      case 61: // =
        if (code.charCodeAt(at + 1) === 62) {
          at += 2;
          last = ARROW;
        } else {
          at++;
          last = OPERATOR;
        }
        break;
      case 43: // +
      case 45: // -
        if (code.charCodeAt(at + 1) === char) {
          if (char === 45 && code.charCodeAt(at + 2) === 62) return null;
          last = expected() === false ? POSTFIX : PREFIX;
          at += 2;
        } else {
          at++;
          last = OPERATOR;
        }
        break;
      case 60: {
        // <
        if (code.startsWith('<!--', at)) return null;
        // A comparison, and never JSX or a type.
        if (last !== PREFIX && expected() !== false) return null;
        at += code.charCodeAt(at + 1) === 60 ? 2 : 1;
        last = OPERATOR;
        break;
      }
      case 92: // \
        return null;
      default:
        at++;
        last = OPERATOR;
    }
    newline = false;
  }
  return brackets.length === 0 ? { starts, ends, comments } : null;
}

function isWord(code: string, from: number, to: number, word: string): boolean {
  return to - from === word.length && code.startsWith(word, from);
}

/** What parentheses behind a word are. */
function headOf(code: string, from: number, to: number): number {
  switch (to - from) {
    case 2:
      return code.startsWith('if', from) ? CONDITION : PLAIN;
    case 3:
      return code.startsWith('for', from) ? CONDITION : PLAIN;
    case 4:
      return code.startsWith('with', from) ? CONDITION : PLAIN;
    case 5:
      return code.startsWith('while', from) ? CONDITION : code.startsWith('catch', from) ? HEAD : PLAIN;
    case 6:
      return code.startsWith('switch', from) ? HEAD : PLAIN;
    default:
      return PLAIN;
  }
}

/** Whether `class` is the keyword, not the name of a property. */
function opensClass(code: string, from: number): boolean {
  let at = from;
  while (at < code.length && code.charCodeAt(at) <= 32) at++;
  return !':=(,;)}'.includes(code.charAt(at));
}

const NUMBER =
  /(?:0[xXoObB][0-9a-fA-F_]+n?|(?:0|[1-9][0-9_]*)(?:n|(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?)|\.[0-9][0-9_]*(?:[eE][+-]?[0-9_]+)?)(?![\w$\\#])/y;

/** Behind a number; -1 for old octal ones and what runs into a word. */
function endOfNumber(code: string, from: number): number {
  // Most numbers are short integers.
  let at = from;
  const first = code.charCodeAt(at);
  while (code.charCodeAt(at) >= 48 && code.charCodeAt(at) <= 57) at++;
  const next = code.charCodeAt(at);
  if (at > from && (first !== 48 || at - from === 1) && next < 128 && next !== 46 && next !== 92 && !CLASSES[next])
    return at;
  NUMBER.lastIndex = from;
  return NUMBER.test(code) ? NUMBER.lastIndex : -1;
}
