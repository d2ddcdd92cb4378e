import { name, pick, type Random } from './random.js';
import { range, readSource } from './source-edits.js';

type Wrap = (body: string, random: Random) => string;

const ASYNC: Wrap[] = [
  (body) => `(async () => {\n${body}\n})().catch(() => {});`,
  (body, random) => {
    const id = name(random);
    return `async function ${id}() {\n${body}\n}\n${id}();`;
  },
  (body) => `Promise.resolve().then(async () => {\n${body}\n});`,
];

const CALLBACK: Wrap[] = [
  (body) => `setTimeout(function () {\n${body}\n}, 10);`,
  (body) => `setImmediate(() => {\n${body}\n});`,
  (body) => `process.nextTick(() => {\n${body}\n});`,
  (body) => `[0].forEach(() => {\n${body}\n});`,
  (body) => `require('events').once(process, 'exit', () => {});\nqueueMicrotask(() => {\n${body}\n});`,
];

const CLASS: Wrap[] = [
  (body, random) => {
    const [type, method] = [`C${name(random)}`, name(random)];
    return `class ${type} {\n  ${method}() {\n${body}\n  }\n}\nnew ${type}().${method}();`;
  },
  (body, random) => {
    const type = `C${name(random)}`;
    return `class ${type} {\n  constructor() {\n${body}\n  }\n}\nnew ${type}();`;
  },
  (body, random) => {
    const [type, method] = [`C${name(random)}`, name(random)];
    return `class ${type} {\n  static ${method}() {\n${body}\n  }\n}\n${type}.${method}();`;
  },
];

/** The file's statements run in an async function. */
export function wrapInAsync(code: string, random: Random): string {
  return wrap(code, pick(random, ASYNC), random, true);
}

/** The file's statements run in a callback. */
export function wrapInCallback(code: string, random: Random): string {
  return wrap(code, pick(random, CALLBACK), random, false);
}

/** The file's statements run in a method. */
export function wrapInClass(code: string, random: Random): string {
  return wrap(code, pick(random, CLASS), random, false);
}

// Import and export declarations stay outside; so modules that await at the top keep their meaning only in an async wrapper.
function wrap(code: string, way: Wrap, random: Random, allowsAwait: boolean): string {
  const { file, module } = readSource(code);
  const [outside, inside]: [string[], string[]] = [[], []];
  for (const statement of file.program.body) {
    const { start, end } = range(statement);
    (/^(Import|Export).*Declaration$/.test(statement.type) ? outside : inside).push(code.slice(start, end));
  }
  const body = inside.join('\n');
  if (body === '') throw new SyntaxError('nothing to wrap');
  if (module && outside.some((text) => text.startsWith('export'))) throw new SyntaxError('exports use what is inside');
  if (module && !allowsAwait && /\bawait\b/.test(body)) throw new SyntaxError('await outside of an async function');
  const shebang = /^#!.*\n/.exec(code)?.[0] ?? '';
  return `${shebang}${outside.join('\n')}\n${way(body, random)}\n`;
}
