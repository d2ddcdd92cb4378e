import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/install/index.js';
import { createProgress } from '../../src/report/index.js';
import { HOSTILE } from './sample.js';

const road: ProgressEvent[] = [
  { phase: 'resolve' },
  { phase: 'fetch', done: 1, total: 2, name: 'a' },
  { phase: 'scan', done: 1, total: 2, fromCache: 0, name: 'a' },
  { phase: 'fetch', done: 2, total: 2, name: 'b' },
  { phase: 'scan', done: 2, total: 2, fromCache: 1, name: 'b' },
  { phase: 'reify', done: 2, total: 2 },
  { phase: 'scripts', done: 1, total: 1, package: 'a@1.0.0', event: 'install' },
];

function show(live: boolean, events: ProgressEvent[], columns = 80): { text: string; frames: string[] } {
  let text = '';
  let time = 0;
  const write = (more: string) => {
    text += more;
  };
  const progress = createProgress({ write, live, columns, now: () => time });
  for (const event of events) {
    time += 100;
    progress.show(event);
  }
  progress.stop();
  return { text, frames: text.split('\r\u001b[2K').slice(1) };
}

describe('createProgress', () => {
  it('redraws one line at a terminal, and leaves nothing of it', () => {
    const { text, frames } = show(true, road);
    expect(frames).toEqual([
      'resolving',
      'fetching 1/2 a',
      'fetching 1/2 a · scanning 1/2 a',
      'scanning 1/2 a',
      'scanning 2/2 b',
      'installing 2/2',
      'running scripts 1/1 a@1.0.0 install',
      '',
    ]);
    expect(text).not.toContain('\n');
  });

  it('gives one plain line a phase elsewhere', () => {
    expect(show(false, road).text.split('\n')).toEqual([
      expect.stringMatching(/^resolved \(\d+ms\)$/),
      expect.stringMatching(/^fetched 2 packages \(/),
      expect.stringMatching(/^scanned 2 packages, 1 from cache \(/),
      expect.stringMatching(/^installed \(/),
      expect.stringMatching(/^ran 1 scripts? \(/),
      '',
    ]);
  });

  it('never wraps, and lets no control character of a name through', () => {
    const { frames } = show(true, [{ phase: 'fetch', done: 1, total: 2, name: HOSTILE.repeat(5) }], 40);
    expect(frames[0]!.length).toBeLessThan(40);
    expect(frames[0]).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
