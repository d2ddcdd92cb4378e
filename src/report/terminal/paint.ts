import pc from 'picocolors';
import type { Action, Severity } from '../../model.js';

/** How a terminal report may look. */
export interface Look {
  color: boolean;
  /** Width in columns. */
  columns: number;
}

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours, or none. */
export function paintFor({ color }: Look): Paint {
  return pc.createColors(color);
}

/** The colour of a verdict. */
export function actionPaint(paint: Paint, action: Action): (text: string) => string {
  return { allow: paint.green, review: paint.yellow, block: paint.red }[action];
}

/** The colour of a finding's severity. */
export function severityPaint(paint: Paint, severity: Severity): (text: string) => string {
  const { dim, blue, yellow, red } = paint;
  return { info: dim, low: blue, medium: yellow, high: red, critical: (text: string) => paint.bold(red(text)) }[
    severity
  ];
}

/** `1 package`, `2 packages`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Milliseconds as a person reads them: `812ms`, `3.4s`, `2m 5s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)}s`;
  return `${Math.floor(ms / 60_000)}m ${Math.round((ms % 60_000) / 1000)}s`;
}

/** Cuts a line to the terminal's width, with an ellipsis; the text must be free of colour codes. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;
}
