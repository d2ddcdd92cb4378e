import { expect, test } from 'vitest';
import { forEachLimited } from '../../src/fetch/index.js';

test('never more than the limit at a time, and all of them', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachLimited([...Array(20).keys()], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, item % 3));
    running -= 1;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
});

test('the first failure is thrown when what runs has ended, and nothing new is begun', async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = forEachLimited([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    await new Promise((resolve) => setTimeout(resolve, item === 0 ? 5 : 30));
    ended += 1;
    if (item === 0) {
      throw new Error('first');
    }
    throw new Error('second');
  });
  await expect(work).rejects.toThrow('first');
  expect(begun).toEqual([0, 1]);
  expect(ended).toBe(2);
});
