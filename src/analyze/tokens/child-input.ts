const WINDOW = 3_000;
const LONGEST = 20_000;

/** Where a program is handed what it reads: `input=`, `communicate(…)`, `stdin.write(…)`, Ruby's `stdin_data:`, PHP's first pipe. */
const HANDED =
  /(?:\binput\s*=(?!=)\s*|\bstdin_data:\s*|\.communicate\s*\(\s*(?:input\s*=\s*)?|\bstdin\.(?:write|puts|print)\s*\(?\s*|\b(?:stdin|pipe|io|f|p)\.(?:write|puts|print)\s*\(?\s*|\bfwrite\s*\(\s*\$\w+\[0\]\s*,\s*)/;
const LITERAL = /[bfruBFRU]{0,2}(?:("""|''')([\s\S]*?)\1|(["'])((?:\\.|(?!\3)[^\\])*)\3)/y;

/** The text that a child which is started here gets on its standard input, where it stands there or has a name. */
export function inputAfter(text: string, from: number): string | null {
  const handed = HANDED.exec(text.slice(from, from + WINDOW));
  if (handed === null) return null;
  const at = from + handed.index + handed[0].length;
  const own = literalAt(text, at);
  if (own !== null) return own;
  const name = /^\$?([A-Za-z_]\w*)/.exec(text.slice(at, at + 80))?.[1];
  const named =
    name === undefined ? null : new RegExp(`(?:^|\\n)[ \\t]{0,40}\\$?${name}\\s*=\\s*(?=["'bfru])`).exec(text);
  return named === null ? null : literalAt(text, named.index + named[0].length);
}

function literalAt(text: string, at: number): string | null {
  LITERAL.lastIndex = at;
  const found = LITERAL.exec(text);
  const body = found?.[2] ?? found?.[4];
  return body === undefined || body.length > LONGEST
    ? null
    : body.replace(/\\(?:n|t|(["'\\]))/g, (whole, sign?: string) => sign ?? (whole === '\\n' ? '\n' : '\t'));
}
