import { expect, test } from 'vitest';
import { JobQueue, type Outcome, type Pending } from '../../../src/analyze/pool/job-queue.js';
import type { Job } from '../../../src/analyze/pool/protocol.js';

const ended: [number, Outcome][] = [];
function waiting(work: Job['work'], id: number, bytes: number): Pending {
  const job = { id, work } as Job;
  return { job, bytes, resolve: (outcome) => ended.push([id, outcome]), reject: () => undefined };
}
function drain(queue: JobQueue): number[] {
  const ids: number[] = [];
  for (let next = queue.take(0); next !== undefined; next = queue.take(0)) ids.push(next.job.id);
  return ids;
}

test('the largest comes first, of equals the one that came first, and what nobody waits for last', () => {
  const queue = new JobQueue();
  queue.push(waiting('keep', 1, 900));
  queue.push(waiting('scan', 2, 10));
  queue.push(waiting('scan', 3, 500));
  queue.push(waiting('scan', 4, 10));
  queue.push(waiting('keep', 5, 1000));
  expect(queue.size).toBe(5);
  expect(drain(queue)).toEqual([3, 2, 4, 5, 1]);
  expect(queue.take(0)).toBeUndefined();
});

test('what was to be kept ahead of time is given up when packages are written', () => {
  const queue = new JobQueue();
  queue.push(waiting('keep', 1, 900));
  queue.push(waiting('scan', 2, 10));
  queue.push(waiting('place', 3, 20));
  expect(ended).toEqual([[1, { kept: false }]]);
  expect(drain(queue)).toEqual([3, 2]);
});

test('two very large ones are not unpacked at the same time; small ones go past, and one alone is always taken', () => {
  const MIB = 1024 * 1024;
  const queue = new JobQueue();
  queue.push(waiting('scan', 1, 45 * MIB));
  queue.push(waiting('scan', 2, 30 * MIB));
  queue.push(waiting('scan', 3, 1));
  expect(queue.take(0)?.job.id).toBe(1);
  expect(queue.take(45 * MIB)).toBeUndefined();
  expect(queue.take(10 * MIB)?.job.id).toBe(3);
  expect(queue.take(0)?.job.id).toBe(2);
});

test('where nobody is there to scan the rest goes past, and it is told what waits', () => {
  const queue = new JobQueue();
  queue.push(waiting('scan', 1, 900));
  queue.push(waiting('scan', 2, 20));
  queue.push(waiting('place', 3, 5));
  expect(queue.scans).toEqual({ count: 2, bytes: 920 });
  queue.push(waiting('scan', 4, 0));
  expect(queue.scans).toEqual({ count: 3, bytes: Number.POSITIVE_INFINITY });
  expect(queue.take(0, false)?.job.id).toBe(3);
  expect(queue.take(0, false)).toBeUndefined();
  expect(queue.take(0)?.job.id).toBe(1);
});
