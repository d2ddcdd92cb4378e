import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/sandbox/bubblewrap/session.js';
import { Sessions } from '../../../src/sandbox/bubblewrap/sessions.js';

/** Sessions that start nothing and say when they were started and ended. */
function made(most: number, fail: (key: string) => boolean = () => false) {
  const log: string[] = [];
  const sessions = new Sessions(most, async (key) => {
    log.push(`start ${key}`);
    await new Promise((wait) => setTimeout(wait, 5));
    if (fail(key)) throw new Error(`no ${key}`);
    return { key, alive: true, close: async () => void log.push(`end ${key}`) } as unknown as Session;
  });
  return { sessions, log };
}

describe('a warm-up', () => {
  it('starts the sandbox that the first script gets, also where that comes before it is ready', async () => {
    const { sessions, log } = made(2);
    const warming = sessions.warmUp('usual');
    const session = await sessions.acquire('usual');
    await warming;
    expect([session.key, log]).toEqual(['usual', ['start usual']]);
    await sessions.close();
    expect(log).toEqual(['start usual', 'end usual']);
  });

  it('gives way to a script that needs another one', async () => {
    const { sessions, log } = made(1);
    await sessions.warmUp('usual');
    expect((await sessions.acquire('other')).key).toBe('other');
    expect(log).toEqual(['start usual', 'end usual', 'start other']);
  });

  it('is not held up where only one may run and it is not ready', async () => {
    const { sessions } = made(1);
    void sessions.warmUp('usual');
    expect((await sessions.acquire('other')).key).toBe('other');
  });

  it('that fails is met again by the script, and is no unhandled rejection', async () => {
    const { sessions, log } = made(2, (key) => key === 'usual');
    await sessions.warmUp('usual');
    await expect(sessions.acquire('usual')).rejects.toThrow('no usual');
    expect(log).toEqual(['start usual', 'start usual']);
    const { sessions: one } = made(1, (key) => key === 'usual');
    void one.warmUp('usual');
    expect((await one.acquire('other')).key).toBe('other');
  });

  it('ends with the rest, and does nothing once a script has one', async () => {
    const { sessions, log } = made(2);
    void sessions.warmUp('usual');
    await sessions.close();
    expect(log).toEqual(['start usual', 'end usual']);
    const { sessions: used, log: seen } = made(2);
    await used.acquire('other');
    await used.warmUp('usual');
    expect(seen).toEqual(['start other']);
  });
});
