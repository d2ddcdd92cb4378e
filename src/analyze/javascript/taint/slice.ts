import type { SliceStep } from '../../../model.js';

const WIDTH = 110;
const MAX_STEPS = 14;

const MARKS: Record<SliceStep['role'], string> = { source: '●', step: '│', guard: '?', decoder: '⇢', sink: '▶' };

/**
 * Draws the few lines that matter: the source line of each step with its number, long lines cut around the column, and
 * what the step does beside it. Never empty: a step whose text is not there shows its note.
 * @param textOf gives the text of a file of the package, or of decoded code, by name; null where there is none.
 */
export function renderFrame(steps: readonly SliceStep[], textOf: (file: string) => string | null): string {
  const out: string[] = [];
  let file = '';
  const shown = steps.length > MAX_STEPS ? [...steps.slice(0, MAX_STEPS - 2), ...steps.slice(-2)] : steps;
  const lines = new Map<string, string[]>();
  for (const step of shown) {
    if (step.file !== file) {
      file = step.file;
      out.push(file);
    }
    let text = lines.get(file);
    if (text === undefined) {
      text = (textOf(file) ?? '').split(/\r\n|[\n\r\u2028\u2029]/);
      lines.set(file, text);
    }
    const source = visible(cut(text[step.line - 1] ?? '', step.column));
    out.push(`${MARKS[step.role]} ${String(step.line).padStart(5)} | ${source}`);
    out.push(`        | ${' '.repeat(2)}↳ ${visible(step.note.replaceAll('\u{FFFC}', '…'))}`);
  }
  return out.join('\n');
}

function cut(line: string, column: number): string {
  if (line.length <= WIDTH) return line.trimEnd();
  const start = Math.max(0, Math.min(column - 20, line.length - WIDTH));
  return `${start > 0 ? '…' : ''}${line.slice(start, start + WIDTH)}${start + WIDTH < line.length ? '…' : ''}`;
}

const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e01ef}]/gu;

/** Control, bidi and zero-width characters as escapes, so that nothing hides in the frame. */
function visible(text: string): string {
  return text.replaceAll('\t', '  ').replace(HIDDEN, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}
