import { constantText, Obj, type Value } from '../interpreter/value.js';
import { type Taints, transformed } from './taint.js';

/** Methods that look something up in a text. */
const PICKS: ReadonlySet<string> = new Set([
  'split',
  'match',
  'matchAll',
  'exec',
  'substring',
  'substr',
  'slice',
  'replace',
]);

/** Whether a method may give less than the text that it is asked of. */
export function picks(name: string): boolean {
  return PICKS.has(name);
}

/** Only one of a page's cookies is looked up: told apart from all of them as they are. */
export function partOfCookies(path: string, args: readonly Value[], value: Value): Value {
  const name = path.slice(path.indexOf('#') + 1);
  if (name === 'replace' && !/\$\d/.test(constantText(args[1]) ?? '')) return value;
  // The first so many characters are as much as fits.
  if ((name === 'slice' || name.startsWith('subst')) && args[0]?.kind === 'prim' && args[0].value === 0) return value;
  return marksIn(value, DEPTH);
}

const MOST_PARTS = 40;
/** What is looked up is a text, a list of them, or a list of such lists; a value may hold itself further down. */
const DEPTH = 2;

function marksIn(value: Value, depth: number): Value {
  if (!(value instanceof Obj)) {
    const taints = marked(value.taints);
    return taints === value.taints ? value : { ...value, taints };
  }
  value.taints = marked(value.taints);
  if (depth === 0) return value;
  if (value.rest !== null) value.rest = marksIn(value.rest, depth - 1);
  const { elements } = value;
  if (elements !== null && elements.length <= MOST_PARTS)
    for (const [at, each] of elements.entries()) {
      const part = marksIn(each, depth - 1);
      if (part !== each) elements[at] = part;
    }
  return value;
}

function marked(taints: Taints): Taints {
  if (taints === null || !taints.some(({ source, detail }) => source === 'input.page' && detail === 'document.cookie'))
    return taints;
  return taints.flatMap((flow) =>
    flow.source === 'input.page' && flow.detail === 'document.cookie'
      ? (transformed([flow], 'part', null) ?? [])
      : flow,
  );
}
