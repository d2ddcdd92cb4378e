import type { InstallReport } from '../../model.js';
import { visible, visibleLines } from '../visible.js';
import { type Look, paintFor } from './paint.js';

/** The lines of one error: what happened, where, what to do next. */
export function errorLines({ code, message, where, next }: NonNullable<InstallReport['error']>, look: Look): string[] {
  const paint = paintFor(look);
  const lines = [`${paint.red(paint.bold(`safe-install error ${visible(code)}`))} ${margin(message)}`];
  if (where !== null && !message.includes(where)) lines.push(`  at ${visible(where)}`);
  for (const step of next) lines.push(`  ${paint.cyan('→')} ${margin(step)}`);
  return lines;
}

// a margin, so that no line of a message can pass for a line of ours or for a CI's workflow command
function margin(text: string): string {
  return visibleLines(text).replaceAll('\n', '\n  │ ');
}
