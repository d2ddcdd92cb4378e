import type { Slice, SliceStep } from '../model.js';

const WIDTH = 140;
const MAX_STEPS = 24;
const MARKS: Readonly<Record<SliceStep['role'], string>> = {
  source: 'source',
  step: 'via',
  guard: 'guard',
  decoder: 'decodes',
  sink: 'sink',
};

/**
 * Renders the steps of a slice as numbered source lines, long ones cut around the column, with what each step does below.
 *
 * @param lineAt text of a line of a file, null where the file or line is not there
 */
export function renderSlice(
  steps: readonly SliceStep[],
  lineAt: (file: string, line: number) => string | null,
): Slice | null {
  if (steps.length === 0) return null;
  const shown =
    steps.length <= MAX_STEPS ? [...steps] : [...steps.slice(0, MAX_STEPS / 2), ...steps.slice(-MAX_STEPS / 2)];
  const out: string[] = [];
  let file = '';
  let line = -1;
  for (const step of shown) {
    if (step.file !== file) {
      file = step.file;
      line = -1;
      out.push(`${file}:`);
    }
    const text = step.line > 0 && step.line !== line ? lineAt(file, step.line) : null;
    if (text !== null) out.push(`${String(step.line).padStart(6)} | ${cut(text, step.column)}`);
    line = step.line;
    out.push(`       ${step.line > 0 ? '|' : ' '}   ${MARKS[step.role]}: ${visible(step.note)}`);
  }
  return { steps: shown, frame: out.join('\n') };
}

function cut(text: string, column: number): string {
  const plain = visible(text.replace(/\r$/, ''));
  if (plain.length <= WIDTH) return plain;
  const from = Math.max(0, Math.min(column - 40, plain.length - WIDTH));
  return `${from > 0 ? '…' : ''}${plain.slice(from, from + WIDTH)}${from + WIDTH < plain.length ? '…' : ''}`;
}

/** Control and invisible characters in a form that a terminal shows and does not obey. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Variation_Selector}|[\u{e0000}-\u{e007f}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
