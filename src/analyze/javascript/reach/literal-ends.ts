/** Where literals end in a text that is not parsed: what the passes over texts share. */

/** Behind a string; -1 where it does not end on its line. */
export function endOfString(code: string, from: number, quote: number): number {
  for (let at = from + 1; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === quote) return at + 1;
    if (char === 92) at += code.charCodeAt(at + 1) === 13 ? 2 : 1;
    else if (char === 10 || char === 13) return -1;
  }
  return -1;
}

/** Behind the back-tick or the `${` that ends a part of a template; -1 where none does. */
export function endOfTemplate(code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    const char = code.charCodeAt(at);
    if (char === 92) at++;
    else if (char === 96) return at + 1;
    else if (char === 36 && code.charCodeAt(at + 1) === 123) return at + 2;
  }
  return -1;
}

/** Behind the slash that ends a regular expression; -1 where none does on its line. */
export function endOfRegex(code: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < code.length; at++) {
    let char = code.charCodeAt(at);
    const escaped = char === 92;
    if (escaped) char = code.charCodeAt(++at);
    if (isLineEnd(char)) return -1;
    if (escaped) continue;
    if (char === 91) inClass = true;
    else if (char === 93) inClass = false;
    else if (char === 47 && !inClass) return at + 1;
  }
  return -1;
}

/** Whether a character ends a line of a program. */
export function isLineEnd(char: number): boolean {
  return char === 10 || char === 13 || char === 0x2028 || char === 0x2029;
}
