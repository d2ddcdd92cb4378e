import type { ProgressEvent } from '../../install/index.js';
import { visible } from '../visible.js';
import { count, cut, duration } from './paint.js';

/** Where progress goes. */
export interface ProgressOutput {
  write(text: string): void;
  /** True where one line can be redrawn; else each phase gives one plain line at its end. */
  live: boolean;
  columns: number;
  /** Milliseconds, for the durations of phases. */
  now(): number;
}

/** Shows what goes on: one live line a phase at a terminal, one plain line a phase elsewhere. */
export interface Progress {
  show(event: ProgressEvent): void;
  /** Removes the live line before something else is printed, and ends the phase. */
  pause(): void;
  stop(): void;
}

const REDRAW_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

/** Starts showing progress. */
export function createProgress(output: ProgressOutput): Progress {
  const phases = new Map<string, { since: number; last: ProgressEvent }>();
  let drawn = false;
  let drawnAt = 0;

  const clear = () => {
    if (drawn) output.write(CLEAR_LINE);
    drawn = false;
  };
  const finish = (phase: string) => {
    const state = phases.get(phase);
    if (state === undefined) return;
    phases.delete(phase);
    const line = doneText(state.last);
    if (!output.live && line !== null) output.write(`${line} (${duration(output.now() - state.since)})\n`);
  };
  const finishBefore = (phase: string) => {
    // fetch and scan overlap; what comes later in the road ends what came before
    for (const earlier of [...phases.keys()]) {
      if (ORDER.indexOf(earlier) < ORDER.indexOf(phase) && !(earlier === 'fetch' && phase === 'scan')) finish(earlier);
    }
  };

  return {
    show(event) {
      finishBefore(event.phase);
      const state = phases.get(event.phase);
      phases.set(event.phase, { since: state?.since ?? output.now(), last: event });
      if (!output.live) return;
      const now = output.now();
      if (drawn && now - drawnAt < REDRAW_MS && state !== undefined && !isComplete(event)) return;
      drawn = true;
      drawnAt = now;
      const open = [...phases.values()].filter(({ last }, i, all) => i === all.length - 1 || !isComplete(last));
      const text = open.map(({ last }) => liveText(last)).join(' · ');
      output.write(`${CLEAR_LINE}${cut(text, output.columns - 1)}`);
    },
    pause: clear,
    stop() {
      clear();
      for (const phase of [...phases.keys()]) finish(phase);
    },
  };
}

const ORDER = ['resolve', 'fetch', 'scan', 'reify', 'scripts', 'root-script'];

function isComplete(event: ProgressEvent): boolean {
  return 'done' in event && event.done === event.total;
}

/** The live line of one event. */
export function liveText(event: ProgressEvent): string {
  switch (event.phase) {
    case 'resolve':
      return 'resolving';
    case 'fetch':
      return `fetching ${event.done}/${event.total} ${visible(event.name)}`;
    case 'scan':
      return `scanning ${event.done}/${event.total} ${visible(event.name)}`;
    case 'reify':
      return `installing ${event.done}/${event.total}`;
    case 'scripts':
      return `running scripts ${event.done}/${event.total} ${visible(event.package)} ${event.event}`;
    case 'root-script':
      return `running ${event.event} of the project: ${visible(event.command)}`;
  }
}

function doneText(event: ProgressEvent): string | null {
  switch (event.phase) {
    case 'resolve':
      return 'resolved';
    case 'fetch':
      return `fetched ${count(event.done, 'package')}`;
    case 'scan':
      return `scanned ${count(event.done, 'package')}${event.fromCache > 0 ? `, ${event.fromCache} from cache` : ''}`;
    case 'reify':
      return 'installed';
    case 'scripts':
      return `ran ${count(event.done, 'script')}`;
    case 'root-script':
      return null;
  }
}
