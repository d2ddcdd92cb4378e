import { factAt } from '../fact.js';
import type { Fact } from '../observation.js';

const HIDDEN = /[^\s][ \t\u00a0\u2000-\u200a\u3000]{150,}[^\s]/;

/** Code that stands so far to the right of other code on its line, behind blanks, that no editor shows it. */
export function hiddenWhitespace(file: string, text: string): Fact[] {
  for (let start = 0, line = 1; start < text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > 180 && end - start < 2_000_000) {
      const content = text.slice(start, end);
      const match = HIDDEN.exec(content.length > 100_000 ? content.slice(0, 100_000) : content);
      if (match !== null) {
        const column = match.index + match[0].length - 1;
        const rest = content.slice(column);
        // Aligned comments and tables are no code.
        if (/[(=;]/.test(rest) && /[A-Za-z_$][\w$]*\s*(?:\(|=|\.)/.test(rest) && !/^(?:\/\/|\/\*|\*|#|\|)/.test(rest)) {
          return [
            factAt('hidden-whitespace', `code begins at column ${column}, behind ${match[0].length - 2} blanks`, {
              file,
              line,
              column,
            }),
          ];
        }
      }
    }
    start = end + 1;
  }
  return [];
}
