import { HOLE } from '../task.js';

const MAX_DEPTH = 40;
const MAX_LENGTH = 100_000;
const MAX_WORDS = 24;
/** Stands for the dollar of what the shell, and not make, has to expand. */
const DOLLAR = '\u0002';

interface MakeVariable {
  value: string;
  /** Expanded where it was defined; what a shell prints stands in a variable of the shell. */
  simple: boolean;
}

/** What the automatic variables of a recipe stand for. */
export interface Recipe {
  targets: readonly string[];
  needs: readonly string[];
}

/** Where the expansion asks about the world. */
export interface MakeWorld {
  /** Files of the package that a pattern means. */
  filesLike(pattern: string): string[];
  /** A command that runs beside the text that is expanded. */
  aside(command: string): void;
  /** Makefile text that `$(eval …)` made. */
  evaluate(text: string): void;
}

/** Expands make's variables and functions into shell text: `$(shell cmd)` becomes `$(cmd)`, known texts stand where they are used. */
export class MakeExpansion {
  readonly #variables = new Map<string, MakeVariable>();
  readonly #used = new Set<string>();
  readonly #given = new Set<string>();
  #spent = 0;

  constructor(readonly world: MakeWorld) {}

  /** Takes a variable of make's command line: no assignment of the makefile changes it. */
  give(name: string, value: string): void {
    this.#variables.set(name, { value, simple: false });
    this.#given.add(name);
  }

  /** Takes an assignment in; the shell command that has to run for it, or null. */
  assign(name: string, operator: string, raw: string): string | null {
    if (this.#given.has(name)) return null;
    const before = this.#variables.get(name);
    if (operator === '?=' && before !== undefined) return null;
    if (operator === '+=' && before !== undefined && !before.simple) {
      before.value = `${before.value} ${raw}`;
      return null;
    }
    const simple = /^:|^!/.test(operator) || (operator === '+=' && before?.simple === true);
    if (!simple) {
      this.#variables.set(name, { value: raw, simple });
      return null;
    }
    const value = operator === '!=' ? `${DOLLAR}(${this.expand(raw)})` : this.expand(raw);
    const all = operator === '+=' ? `${before?.value ?? ''} ${value}` : value;
    const isName = /^[A-Za-z_]\w*$/.test(name);
    this.#variables.set(name, { value: runsShell(all) && isName ? `${DOLLAR}{${name}}` : all, simple });
    return runsShell(all) && isName ? `${name}="${quoted(all)}"` : null;
  }

  value(name: string): string | undefined {
    return this.#variables.get(name)?.value;
  }

  /** Assignments that run a shell wherever they are used, of names that nothing used. */
  unused(): string[] {
    return [...this.#variables]
      .filter(([name, { value, simple }]) => !simple && !this.#used.has(name) && /\$\(shell\b/.test(value))
      .map(([, { value }]) => `: "${quoted(this.expand(value))}"`);
  }

  /** A text with everything in it that is known put in. */
  expand(text: string, recipe: Recipe | null = null, args: readonly string[] = [], depth = 0): string {
    this.#spent += text.length;
    if (depth > MAX_DEPTH || this.#spent > MAX_LENGTH * 10 || text.length > MAX_LENGTH) return HOLE;
    let out = '';
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] !== '$') {
        out += text[at];
        continue;
      }
      const next = text[at + 1] ?? '';
      at += 1;
      if (next === '$') out += '$';
      else if (next === '(' || next === '{') {
        const end = closing(text, at);
        out += this.#reference(text.slice(at + 1, end), recipe, args, depth + 1);
        at = end;
      } else if (next !== '') out += this.#variable(next, recipe, args, depth + 1);
    }
    return out;
  }

  #reference(inner: string, recipe: Recipe | null, args: readonly string[], depth: number): string {
    const called = /^\s*([a-z-]+)\s+([\s\S]*)$/.exec(inner);
    if (called !== null && FUNCTIONS.test(called[1] ?? ''))
      return this.#call(called[1] ?? '', called[2] ?? '', recipe, args, depth);
    const swapped = /^([^:=\s]+):([^=]*)=([\s\S]*)$/.exec(inner);
    if (swapped !== null) {
      const [from = '', to = ''] = [swapped[2], swapped[3]];
      return words(this.#variable(swapped[1] ?? '', recipe, args, depth))
        .map((word) =>
          !from.includes('%') && word.endsWith(from) ? word.slice(0, word.length - from.length) + to : word,
        )
        .join(' ');
    }
    return this.#variable(inner.includes('$') ? this.expand(inner, recipe, args, depth) : inner, recipe, args, depth);
  }

  #variable(name: string, recipe: Recipe | null, args: readonly string[], depth: number): string {
    if (/^\d+$/.test(name)) return args[Number(name)] ?? '';
    const automatic = /^([@<^+?*%|])([DF]?)$/.exec(name);
    if (automatic !== null) return automaticValue(automatic[1] ?? '', automatic[2] ?? '', recipe);
    const found = this.#variables.get(name);
    this.#used.add(name);
    if (found !== undefined) return found.simple ? found.value : this.expand(found.value, recipe, args, depth);
    if (name === 'MAKE') return 'make';
    if (name === 'CURDIR' || name === 'PWD') return '.';
    if (name === 'RM') return 'rm -f';
    return /^[A-Za-z_]\w*$/.test(name) ? `${DOLLAR}{${name}}` : HOLE;
  }

  #call(name: string, text: string, recipe: Recipe | null, args: readonly string[], depth: number): string {
    const expand = (part = ''): string => this.expand(part, recipe, args, depth);
    if (name === 'shell') return `${DOLLAR}(${expand(text)})`;
    const parts = splitArguments(text);
    const [first = '', second = '', third = ''] = parts;
    switch (name) {
      case 'foreach': {
        const list = words(expand(second));
        const variable = expand(first).trim();
        const body = parts.slice(2).join(',');
        const before = this.#variables.get(variable);
        const out = (list.length > MAX_WORDS || list.some(runsShell) ? [list.join(' ')] : list).map((word) => {
          this.#variables.set(variable, { value: word, simple: true });
          return expand(body);
        });
        if (before === undefined) this.#variables.delete(variable);
        else this.#variables.set(variable, before);
        return out.join(' ');
      }
      case 'if': {
        const condition = expand(first).trim();
        if (condition === '') return expand(parts.slice(2).join(','));
        if (!isKnown(condition) && third !== '') this.#beside(expand(third));
        if (runsShell(condition)) this.#beside(condition);
        return expand(second);
      }
      case 'or':
      case 'and': {
        const values = parts.map((part) => expand(part).trim()).filter((value) => value !== '');
        const chosen = name === 'or' ? values[0] : values.at(-1);
        for (const value of values) if (value !== chosen) this.#beside(value);
        return chosen ?? '';
      }
      case 'call': {
        const called = expand(first).trim();
        const given = [called, ...parts.slice(1).map(expand)];
        const body = this.#variables.get(called);
        this.#used.add(called);
        return body === undefined ? given.slice(1).join(' ') : this.expand(body.value, recipe, given, depth + 1);
      }
      case 'eval':
        this.world.evaluate(expand(text));
        return '';
      case 'file': {
        const target = /^\s*>>?\s*(\S+)/.exec(expand(first))?.[1];
        if (target !== undefined)
          this.world.aside(`printf %s "${quoted(expand(parts.slice(1).join(',')))}" > "${target}"`);
        return '';
      }
      case 'info':
      case 'warning':
      case 'error':
        this.#beside(expand(text));
        return '';
      case 'value':
        return this.#variables.get(expand(text).trim())?.value ?? '';
      case 'origin':
      case 'flavor':
        return HOLE;
      case 'wildcard': {
        const pattern = expand(text).trim();
        const files = this.world.filesLike(pattern);
        return files.length > 0 ? files.join(' ') : pattern;
      }
      default:
        return textFunction(name, parts.map(expand));
    }
  }

  #beside(value: string): void {
    if (runsShell(value)) this.world.aside(`: "${quoted(value)}"`);
  }
}

const FUNCTIONS =
  /^(?:shell|foreach|if|or|and|call|eval|file|info|warning|error|value|origin|flavor|wildcard|subst|patsubst|strip|findstring|filter|filter-out|sort|word|wordlist|words|firstword|lastword|dir|notdir|suffix|basename|addsuffix|addprefix|join|realpath|abspath|let|intcmp)$/;

/** Functions of texts; one with a part that a shell prints gives that part. */
function textFunction(name: string, args: readonly string[]): string {
  const [first = '', second = '', third = ''] = args;
  const last = args.at(-1) ?? '';
  switch (name) {
    case 'subst':
      return isKnown(third) && first !== '' ? third.replaceAll(first, () => second) : third;
    case 'strip':
      return runsShell(last) ? last.trim() : words(last).join(' ');
    case 'firstword':
      return isKnown(last) ? (words(last)[0] ?? '') : last;
    case 'lastword':
      return isKnown(last) ? (words(last).at(-1) ?? '') : last;
    case 'word':
      return isKnown(last) ? (words(last)[Number(first) - 1] ?? '') : last;
    case 'dir':
      return isKnown(last) ? last.replace(/[^/\s]+(?=\s|$)/g, '') || './' : last;
    case 'notdir':
      return isKnown(last) ? last.replace(/\S*\//g, '') : last;
    case 'addprefix':
      return isKnown(last)
        ? words(last)
            .map((word) => first + word)
            .join(' ')
        : first + last;
    case 'addsuffix':
      return isKnown(last)
        ? words(last)
            .map((word) => word + first)
            .join(' ')
        : last + first;
    case 'join': {
      const right = words(second);
      return isKnown(first + second)
        ? words(first)
            .map((word, index) => word + (right[index] ?? ''))
            .join(' ')
        : first + second;
    }
    case 'patsubst': {
      const [before = '', after = ''] = first.split('%');
      const whole = (word: string): string =>
        word.startsWith(before) && word.endsWith(after)
          ? second.replace('%', () => word.slice(before.length, word.length - after.length))
          : word;
      return isKnown(third) && first.includes('%') ? words(third).map(whole).join(' ') : third;
    }
    default:
      return last;
  }
}

function automaticValue(name: string, part: string, recipe: Recipe | null): string {
  const list = name === '@' ? recipe?.targets.slice(0, 1) : name === '<' ? recipe?.needs.slice(0, 1) : recipe?.needs;
  const text = '*%|'.includes(name) ? HOLE : (list?.join(' ') ?? '');
  const known = text === '' || text.includes('%') ? HOLE : text;
  return part === 'D' ? known.replace(/\/?[^/]*$/, '') || '.' : part === 'F' ? known.replace(/^.*\//, '') : known;
}

/** Whether only a shell can tell what the text is. */
export function needsShell(text: string): boolean {
  return text.includes(DOLLAR) || text.includes(HOLE);
}

/** Whether a shell has to run for the text. */
export function runsShell(text: string): boolean {
  return text.includes(`${DOLLAR}(`);
}

function isKnown(text: string): boolean {
  return !text.includes('$') && !text.includes(DOLLAR) && !text.includes(HOLE);
}

function words(text: string): string[] {
  return runsShell(text) ? [text.trim()] : text.split(/\s+/).filter((word) => word !== '');
}

/** The text as the shell gets it: make expands between single quotes, too, so they are left for what the shell has to expand. */
export function shellText(text: string): string {
  let out = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === DOLLAR || (char === '$' && text[at + 1] === '(' && quote !== "'")) {
      const end = closing(text, at + 1);
      const inner = `$${text[at + 1] ?? ''}${shellText(text.slice(at + 2, end))}${text[end] ?? ''}`;
      out += quote === "'" ? `'"${inner}"'` : inner;
      at = end;
      continue;
    }
    if (char === '\\' && quote !== "'") {
      out += char + (text[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    out += char;
  }
  return out;
}

/** A text for double quotes of the shell; what is inside `$( … )` has quotes of its own. */
export function quoted(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith(`${DOLLAR}(`, at) || text.startsWith('$(', at)) {
      const end = closing(text, at + 1);
      out += text.slice(at, end + 1);
      at = end;
    } else out += text[at] === '"' || text[at] === '`' ? `\\${text[at]}` : text[at];
  }
  return out;
}

/** Index of the parenthesis or brace that closes the one at `start`. */
function closing(text: string, start: number): number {
  const [open, close] = text[start] === '{' ? ['{', '}'] : ['(', ')'];
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === open) depth += 1;
    else if (text[at] === close) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(' || char === '{') depth += 1;
    else if (char === ')' || char === '}') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
