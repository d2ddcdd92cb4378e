const NEVER_ENDS =
  /\bwhile\s*\(\s*(?:true|1|!!\s*\[\s*\]|!0|!\s*false|Infinity|\d+\s*[<>=]+\s*\d+)\s*\)|\bfor\s*\(\s*[^;(){}]{0,80};\s*(?:true|1|!0|!!\s*\[\s*\])?\s*;/g;
const DO_NEVER_ENDS = /\}\s*while\s*\(\s*(?:true|1|!0)\s*\)/g;
const UP_TO_INFINITY =
  /\bfor\s*\(\s*[^;(){}]{0,80};[^;(){}]{0,40}<=?\s*(?:Number\s*\.\s*)?(?:POSITIVE_INFINITY|Infinity)\b/g;
const LEAVES = /\b(?:break|return|throw|yield|await)\b/;
const BODY = 4000;

/** A place in a text. */
export interface TextPlace {
  start: number;
  end: number;
}

/** Loops that have no end and whose bodies show no way out, and those that say they count to infinity. */
export function endlessLoops(code: string): TextPlace[] {
  const found: TextPlace[] = [];
  const add = (match: RegExpExecArray) => found.push({ start: match.index, end: match.index + match[0].length });
  for (const match of code.matchAll(NEVER_ENDS))
    if (!LEAVES.test(bodyAt(code, match.index + match[0].length))) add(match);
  for (const match of code.matchAll(DO_NEVER_ENDS)) {
    const head = Math.max(code.lastIndexOf('do', match.index), match.index - BODY);
    if (!LEAVES.test(code.slice(head, match.index))) add(match);
  }
  if (code.includes('nfinity') || code.includes('INFINITY'))
    for (const match of code.matchAll(UP_TO_INFINITY)) add(match);
  return found;
}

/** The statement behind a loop's head: a block up to its brace, else up to its semicolon. */
function bodyAt(code: string, from: number): string {
  const upTo = Math.min(code.length, from + BODY);
  let depth = 0;
  for (let at = from; at < upTo; at++) {
    const char = code.charCodeAt(at);
    if (char === 123) depth++;
    else if (char === 125 && --depth <= 0) return code.slice(from, at + 1);
    else if (depth === 0 && char === 59) return code.slice(from, at);
  }
  return code.slice(from, upTo);
}
