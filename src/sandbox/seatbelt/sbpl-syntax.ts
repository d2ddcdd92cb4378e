/** One form of an SBPL profile: a symbol, a string, a regular expression or a list. */
export type SbplForm =
  | { kind: 'symbol'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'regex'; text: string }
  | { kind: 'list'; items: SbplForm[] };

const TOKEN = /\s+|;[^\n]*|\(|\)|#"((?:[^"\\]|\\[\s\S])*)"|"((?:[^"\\]|\\[\s\S])*)"|([^\s()";]+)/y;

/**
 * Reads the text of an SBPL profile (the sandbox profile language of macOS, a Scheme) into forms.
 *
 * @throws Error naming the line of what is not SBPL.
 */
export function parseSbpl(text: string): SbplForm[] {
  const top: SbplForm[] = [];
  const open: SbplForm[][] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const line = () => text.slice(0, at).split('\n').length;
    if (match === null) throw new Error(`not SBPL at line ${line()}`);
    const [token, regex, string, symbol] = match;
    const items = open.at(-1)!;
    if (token === '(') {
      const list: SbplForm = { kind: 'list', items: [] };
      items.push(list);
      open.push(list.items);
    } else if (token === ')') {
      open.pop();
      if (open.length === 0) throw new Error(`unmatched ) at line ${line()}`);
    } else if (regex !== undefined) items.push({ kind: 'regex', text: regex });
    else if (string !== undefined) items.push({ kind: 'string', text: string.replace(/\\([\s\S])/g, '$1') });
    else if (symbol !== undefined) items.push({ kind: 'symbol', text: symbol });
  }
  if (open.length > 1) throw new Error('an open ( at the end');
  return top;
}
