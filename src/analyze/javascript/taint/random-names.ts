import { constantText, type Value } from '../interpreter/value.js';
import { type Flow, type Taints, transformed, untransformed } from './taint.js';

/** A random number that became part of a name: `'Symbol(' + key + ')_' + Math.random().toString(36)`. */
const IN_NAME = 'name';
/** Letters that are compared with a random text to throw a dice by it. */
const FEW_LETTERS = 2;
const COMPARISON = /^(?:[<>]=?|[!=]==?)$/;
const ORDER = /^[<>]/;

/** The taints of a text that random numbers are a part of: names that nobody else has, by which nothing is left to chance. */
export function inName(taints: Taints): Taints {
  return taints?.some(isRandom) === true
    ? taints.map((flow) => (isRandom(flow) ? ((transformed([flow], IN_NAME, null) ?? [flow])[0] as Flow) : flow))
    : taints;
}

/** The taints of a comparison: a number or a few letters beside a random name make a dice of it again. */
export function diced(operator: string, left: Value, right: Value, taints: Taints): Taints {
  if (taints === null || !taints.some(isOfName) || !COMPARISON.test(operator)) return taints;
  return isFace(operator, left) || isFace(operator, right) ? asChance(taints) : taints;
}

/** The taints of random names, as those of the numbers that they are made of. */
export function asChance(taints: Taints): Taints {
  return untransformed(taints, IN_NAME);
}

/** Whether a flow is of a random name, which decides nothing. */
export function isOfName(flow: Flow): boolean {
  return isRandom(flow) && flow.through.includes(IN_NAME);
}

function isRandom({ source }: Flow): boolean {
  return source === 'mark.random';
}

/** What is found, or not, stands at no place or at the first; an order by any other number, or a letter or two, says which random ones count. */
function isFace(operator: string, value: Value): boolean {
  if (value.kind === 'prim' && typeof value.value === 'number')
    return ORDER.test(operator) && value.value !== 0 && value.value !== -1;
  const text = constantText(value);
  return text !== null && text.length > 0 && text.length <= FEW_LETTERS;
}
