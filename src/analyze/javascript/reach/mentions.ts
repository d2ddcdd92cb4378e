import { RESERVED_WORDS } from './reserved-words.js';

/**
 * How a word of a text names something: as a variable, as a member (`x.word`, `'word'`, `{ word: … }`), or as both at once
 * (`{ word }`, a list of imports or exports).
 */
export type Mention = 'variable' | 'member' | 'both';

const DOT = 46;
const HASH = 35;
const BRACE = 123;
const COMMA = 44;

/** What a word at a place of a text is; null where it is a keyword, or the name of a method in an object literal. */
export function mentionAt(code: string, at: number, length: number): Mention | null {
  let before = at - 1;
  while (before >= 0 && isBlank(code.charCodeAt(before))) before--;
  const previous = code.charCodeAt(before);
  if (previous === DOT)
    return code.charCodeAt(before - 1) === DOT && code.charCodeAt(before - 2) === DOT ? 'variable' : 'member';
  if (previous === HASH) return 'member';
  const end = at + length;
  if (isQuote(code.charCodeAt(at - 1)) && code.charCodeAt(end) === code.charCodeAt(at - 1)) return 'member';
  let after = end;
  while (after < code.length && isBlank(code.charCodeAt(after))) after++;
  const next = code[after];
  const listed = previous === BRACE || previous === COMMA;
  if (listed && next === ':') return DEFINES.test(code.slice(after + 1, after + 40)) ? null : 'member';
  if (RESERVED_WORDS.has(code.slice(at, end))) return null;
  return listed && (next === ',' || next === '}' || next === '=') ? 'both' : 'variable';
}

/** A function that is written where a property is. */
const DEFINES = /^\s*(?:async\b\s*)?(?:function\b|\([^()]{0,30}\)\s*=>|[\w$]+\s*=>)/;

/** Whether a member that stands at a place is set to something: `x.word = …`. */
export function isSet(code: string, end: number): boolean {
  let after = end;
  while (after < code.length && isBlank(code.charCodeAt(after))) after++;
  return code[after] === '=' && code[after + 1] !== '=' && code[after + 1] !== '>';
}

function isBlank(char: number): boolean {
  return char === 32 || (char >= 9 && char <= 13);
}

function isQuote(char: number): boolean {
  return char === 34 || char === 39 || char === 96;
}
