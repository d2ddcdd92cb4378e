import { isConstant, type ShellValue } from './value.js';

/** Whether `[ $a = b ]` holds, where both sides are known; null where that, or the test, is not known. */
export function testHolds(words: readonly ShellValue[]): boolean | null {
  const [name, ...rest] = words;
  if (!/^(?:\[|test)$/.test(name?.text ?? '') || !rest.every(isConstant)) return null;
  const texts = rest.map(({ text }) => text);
  if (name?.text === '[') texts.pop();
  const isNegated = texts[0] === '!';
  const [left, operator, right] = isNegated ? texts.slice(1) : texts;
  const holds =
    left === '-z' || left === '-n'
      ? (operator === '') === (left === '-z')
      : operator === '=' || operator === '=='
        ? left === right
        : operator === '!='
          ? left !== right
          : null;
  return holds === null ? null : holds !== isNegated;
}
