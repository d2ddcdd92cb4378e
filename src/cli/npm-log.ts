import { format } from 'node:util';
import { visible } from '../report/visible.js';
import type { Terminal } from './terminal.js';

const LEVELS = ['silent', 'error', 'warn', 'notice', 'http', 'info', 'verbose', 'silly'];

/**
 * Shows what npm's libraries log (proc-log emits `log` on process) on stderr, at npm's `loglevel`. What comes before the
 * level is known waits for it.
 */
export function showNpmLog(terminal: Terminal): { setLevel(level: string): void; stop(): void } {
  let limit: number | null = null;
  const waiting: [string, unknown[]][] = [];
  const show = (level: string, args: unknown[]) => {
    const rank = LEVELS.indexOf(level);
    if (limit === null) waiting.push([level, args]);
    else if (rank > 0 && rank <= limit) {
      for (const line of format(...args).split('\n')) terminal.err(`npm ${level} ${visible(line)}\n`);
    }
  };
  const listener = (level: string, ...args: unknown[]) => show(level, args);
  // a name of ours in an event of npm's libraries: Node's types do not know it
  const bus = process as unknown as NodeJS.EventEmitter;
  bus.on('log', listener);
  return {
    setLevel(level) {
      limit = Math.max(0, LEVELS.indexOf(level));
      for (const [earlier, args] of waiting.splice(0)) show(earlier, args);
    },
    stop() {
      bus.off('log', listener);
    },
  };
}
