import type { EntryPoint, Fact } from './observation.js';

/** A fact at one place, with the one step that shows it. */
export function factAt(
  id: string,
  detail: string,
  place: { file: string; line: number; column?: number; entry?: EntryPoint | null },
): Fact {
  const { file, line, column = 0, entry = null } = place;
  return { id, detail, entry, file, line, steps: [{ role: 'step', file, line, column, note: detail }] };
}
