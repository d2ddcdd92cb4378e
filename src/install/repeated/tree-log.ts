import { format } from 'node:util';
import procLog from 'proc-log';

const LEVELS = ['warn', 'error', 'notice'] as const;

/** A line that npm's libraries have logged: its level, and its text as it is shown. */
export type LogLine = [level: (typeof LEVELS)[number], text: string];

// A name of ours in an event of npm's libraries: Node's types do not know it.
const bus = process as unknown as NodeJS.EventEmitter;

/** Hears what arborist says while it resolves a tree (an engine that does not fit, say): where it is not asked, it has to be said again. */
export class TreeLog {
  readonly lines: LogLine[] = [];

  constructor() {
    bus.on('log', this.#hear);
  }

  /** Ends listening. */
  end(): void {
    bus.off('log', this.#hear);
  }

  readonly #hear = (level: string, ...args: unknown[]): void => {
    const known = LEVELS.find((each) => each === level);
    if (known !== undefined) this.lines.push([known, format(...args)]);
  };
}

/** Says recorded lines again. */
export function sayAgain(lines: readonly LogLine[]): void {
  for (const [level, text] of lines) procLog.log[level](text);
}
