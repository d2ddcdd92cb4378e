import type { ArrayValue, DoubleQuotedPart, ParameterExpansionPart, ParsedScript, Word, WordPart } from 'unbash';
import { HOLE } from '../task.js';
import type { ShellState } from './state.js';
import { concat, constant, EMPTY, isConstant, type ShellValue, unknown, wordOf } from './value.js';

/** Runs a substituted script and gives what it prints. */
export type RunScript = (script: ParsedScript, state: ShellState, base: number) => ShellValue;

/** Evaluates a word: quotes removed, variables and substitutions expanded as far as they are known. */
export function evaluateWord(word: Word | ArrayValue, state: ShellState, run: RunScript, position: number): ShellValue {
  if (word.type === 'ArrayValue')
    return concat(
      word.elements.map((element) => evaluateWord(element, state, run, position)),
      ' ',
    );
  if (word.parts === undefined) return literal(word.value, state);
  return wordOf(word.parts.map((part) => evaluatePart(part, state, run, position)));
}

function literal(text: string, state: ShellState): ShellValue {
  const tilde = text === '~' || text.startsWith('~/') ? text : expandWindowsVariables(text, state);
  return text.includes(HOLE) ? { text: tilde, taints: state.task.taints, decoded: false } : constant(tilde);
}

/** `%USERPROFILE%` and the like, as cmd would expand them when npm runs scripts on Windows. */
function expandWindowsVariables(text: string, state: ShellState): string {
  return text.replace(/%([A-Za-z_]\w*)%/g, (whole, name: string) => {
    const value = state.env(name, 0);
    return isConstant(value) ? value.text : whole;
  });
}

function evaluatePart(part: WordPart, state: ShellState, run: RunScript, position: number): ShellValue {
  switch (part.type) {
    case 'Literal':
      return literal(part.value, state);
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return { ...literal(part.value, state), decoded: part.type === 'AnsiCQuoted' };
    case 'Glob':
      return constant(part.text);
    case 'DoubleQuoted':
    case 'LocaleString':
      return wordOf((part as DoubleQuotedPart).parts.map((inner) => evaluatePart(inner, state, run, position)));
    case 'SimpleExpansion':
      return variable(part.text.replace(/^\$/, ''), state, position);
    case 'ParameterExpansion':
      return parameter(part, state, run, position);
    case 'CommandExpansion':
      return part.script === undefined ? unknown([]) : trimEnd(inPlace(part.script, state, run, position), part.text);
    case 'ProcessSubstitution':
      return part.script === undefined ? unknown([]) : { ...inPlace(part.script, state, run, position), decoded: true };
    case 'ArithmeticExpansion':
      return arithmetic(part.text);
    case 'BraceExpansion':
    case 'ExtendedGlob':
      return part.parts === undefined ? constant(part.text) : braces(part.text, state);
    default:
      return unknown([]);
  }
}

/** A sum or product of numbers that stand there; anything else is not known. */
function arithmetic(text: string): ShellValue {
  const body = /^\$\(\((.*)\)\)$/.exec(text)?.[1]?.trim() ?? '';
  const numbers = /^(\d{1,9})(?:\s*([-+*])\s*(\d{1,9}))?$/.exec(body);
  if (numbers === null) return unknown([]);
  const [left, right] = [Number(numbers[1]), Number(numbers[3] ?? 0)];
  const value = numbers[2] === '*' ? left * right : numbers[2] === '-' ? left - right : left + right;
  return constant(String(value), numbers[2] !== undefined);
}

function braces(text: string, state: ShellState): ShellValue {
  // `{curl,-s,URL}` is a way to write a command without blanks.
  const inner = /^\{([^{}]*)\}$/.exec(text)?.[1];
  return inner?.includes(',') ? constant(inner.split(',').join(' '), true) : literal(text, state);
}

function inPlace(script: ParsedScript, state: ShellState, run: RunScript, position: number): ShellValue {
  return state.inPlace(() => run(script, state, position));
}

function variable(name: string, state: ShellState, position: number): ShellValue {
  if (name === 'IFS') return constant(' ', true);
  if ((name === '0' || name === 'BASH_SOURCE') && state.self !== '') return constant(state.self);
  if (/^[A-Za-z_]/.test(name)) return state.env(name, position);
  if (/^[1-9]$/.test(name))
    return state.positional === null ? unknown([]) : (state.positional[Number(name) - 1] ?? EMPTY);
  if (name === '@' || name === '*') return state.positional === null ? unknown([]) : concat(state.positional, ' ');
  return unknown([]);
}

/** `${list[2]}`, `${list[@]}`. */
function element(part: ParameterExpansionPart, state: ShellState): ShellValue | null {
  const list = state.arrays.get(part.parameter);
  const index = part.index?.value;
  if (list === undefined || index === undefined) return null;
  return index === '@' || index === '*'
    ? concat(list, ' ')
    : (list[Number(index)] ?? unknown(list.flatMap(({ taints }) => taints)));
}

/** What `${x#pattern}` and `${x%pattern}` leave; null where the pattern or the value is not known. */
function removed(value: ShellValue, operator: string, pattern: ShellValue): ShellValue | null {
  if (!isConstant(value) || !isConstant(pattern) || /\[/.test(pattern.text)) return null;
  const greedy = operator.length === 2;
  const body = pattern.text
    .replace(/[.+^$(){}|\\]/g, '\\$&')
    .replaceAll('*', greedy ? '[\\s\\S]*' : '[\\s\\S]*?')
    .replaceAll('?', '[\\s\\S]');
  if (operator.startsWith('#'))
    return { ...value, text: value.text.replace(new RegExp(`^${body}`), ''), decoded: true };
  // The shortest end that fits, or the longest.
  const ends = Array.from({ length: value.text.length + 1 }, (_unused, index) => index);
  const cut = (greedy ? ends : ends.toReversed()).find((at) => new RegExp(`^${body}$`).test(value.text.slice(at)));
  return cut === undefined ? value : { ...value, text: value.text.slice(0, cut), decoded: true };
}

function parameter(part: ParameterExpansionPart, state: ShellState, run: RunScript, position: number): ShellValue {
  const value =
    part.prefix === undefined ? (element(part, state) ?? variable(part.parameter, state, position)) : unknown([]);
  const operation = part.operation;
  if (operation === undefined) return value;
  if (operation.type === 'Default') {
    const fallback = evaluateWord(operation.operand, state, run, position);
    const set = state.variables.has(part.parameter) || value.taints.length === 0;
    if (operation.operator.includes('+')) return fallback;
    return set && value.text !== '' && isConstant(value)
      ? value
      : { ...fallback, taints: [...value.taints, ...fallback.taints] };
  }
  if (operation.type === 'Remove') {
    const left = removed(value, operation.operator, evaluateWord(operation.operand, state, run, position));
    if (left !== null) return left;
  }
  if (operation.type === 'CaseModification' && isConstant(value))
    return {
      ...value,
      text: part.text.includes('^') ? value.text.toUpperCase() : value.text.toLowerCase(),
      decoded: true,
    };
  if (operation.type === 'Slice' && isConstant(value)) {
    const from = Number(operation.offset.text);
    const length = operation.length === undefined ? undefined : Number(operation.length.text);
    if (Number.isInteger(from) && (length === undefined || Number.isInteger(length))) {
      const text = length === undefined ? value.text.slice(from) : value.text.slice(from, from + length);
      return { ...value, text, decoded: true };
    }
  }
  if (operation.type === 'Replace' && isConstant(value)) {
    const pattern = evaluateWord(operation.pattern, state, run, position);
    const replacement = evaluateWord(operation.replacement, state, run, position);
    if (isConstant(pattern) && isConstant(replacement) && !/[*?[]/.test(pattern.text)) {
      const text =
        operation.operator === '//'
          ? value.text.replaceAll(pattern.text, () => replacement.text)
          : value.text.replace(pattern.text, () => replacement.text);
      return { ...value, text, decoded: true };
    }
  }
  return { text: HOLE, taints: value.taints, decoded: value.decoded };
}

/**
 * What is printed in place is put together where it is known; what nobody knows hides no word of the command around it, nor does a folder
 * that is asked for, or the name of a program that is looked for: `$(pwd)`, `$(which python3)`.
 */
function trimEnd(value: ShellValue, script: string): ShellValue {
  if (value === EMPTY) return value;
  const text = value.text.replace(/\n+$/, '');
  return { ...value, text, decoded: value.decoded || (text !== HOLE && !isLookedFor(text, script)) };
}

function isLookedFor(name: string, script: string): boolean {
  return LOOKUP.exec(script)?.[1] === name || /^(?:\$\(|`)\s*pwd(?:\s+-[LP])?\s*[)`]$/.test(script);
}

/** The first thing that is done in a substitution: where is a program? One that fetches is better named in the open. */
const LOOKUP =
  /^(?:\$\(|`)\s*(?:which|(?:command|type)\s+-[vVpP])\s+(?!(?:curl|wget|nc|ncat|socat|base64)\b)([\w.+-]{2,})(?=[\s)`;&|])/;
