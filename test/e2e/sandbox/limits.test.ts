import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/sandbox/index.js';
import { type Box, openBox } from './box.js';

const MiB = 1024 * 1024;
let box: Box;
beforeAll(async () => {
  box = await openBox();
});
afterAll(() => box.close());

const bounded = (limits: Partial<Limits>) => ({ limits: { ...defaultLimits, wallMs: 60_000, ...limits } });

describe('limits', () => {
  it('ends a fork bomb, and everything of it', async () => {
    const run = await box.run('b(){ b|b & }; b; sleep 30', bounded({ processes: 60 }));
    expect(run.limit).toMatch(/^processes: more than 60/);
    expect(run.exitCode).toBeNull();
    expect(run.ms).toBeLessThan(20_000);
    expect((await box.run('ls -d /proc/[0-9]* | wc -l')).output.trim()).toMatch(/^\d$/);
  });

  it('ends a script that takes too much memory, over all its processes', async () => {
    const eat = `node -e "const a=[];setInterval(()=>a.push(Buffer.alloc(2e7,1)),5)"`;
    const run = await box.run(`${eat} & ${eat} & wait`, bounded({ memoryBytes: 300 * MiB }));
    expect(run.limit).toMatch(/^memory: more than 300 MiB/);
  });

  it('ends a script that takes too long', async () => {
    const run = await box.run('sleep 30', bounded({ wallMs: 300 }));
    expect(run.limit).toMatch(/^time: more than 300 ms/);
    expect(run.ms).toBeLessThan(3000);
  });

  it('ends a script that takes too much processor time', async () => {
    const run = await box.run('while :; do :; done & while :; do :; done', bounded({ cpuSeconds: 1 }));
    expect(run.limit).toMatch(/^cpu: more than 1 s/);
  });

  it('stops a file that grows too large, and says so', async () => {
    const run = await box.run('head -c 20000000 /dev/zero > big', bounded({ fileBytes: 4 * MiB }));
    expect(run.exitCode).not.toBe(0);
    expect(run.limit).toMatch(/^file: one reached 4 MiB/);
  });

  it('ends a script that writes too much in many files', async () => {
    const write = 'i=0; while :; do i=$((i+1)); head -c 2000000 /dev/zero > f$i; sync f$i; done';
    const run = await box.run(write, bounded({ writtenBytes: 30 * MiB }));
    expect(run.limit).toMatch(/^written: more than 30 MiB/);
  });

  it('bounds open files and what /tmp holds', async () => {
    const files = await box.run('ulimit -n', bounded({ openFiles: 123 }));
    expect(files.output.trim()).toBe('123');
    const tmp = await box.run('head -c 9000000 /dev/zero > /tmp/x', bounded({ writtenBytes: 4 * MiB }));
    expect(tmp.exitCode).not.toBe(0);
  });

  it('tells each limit as an event', () => {
    const struck = box.events
      .filter((event) => event.class === 'limit')
      .map(({ target, action }) => `${target} ${action}`);
    expect(struck).toEqual(
      expect.arrayContaining(['processes killed', 'memory killed', 'time killed', 'cpu killed', 'written killed']),
    );
  });

  it('measures what a script used', async () => {
    const run = await box.run(`node -e "const a=Buffer.alloc(1e8,1);setTimeout(()=>a.length,300)"`);
    expect(run.metrics?.peakMemoryBytes).toBeGreaterThan(8e7);
    expect(run.metrics?.peakProcesses).toBeGreaterThanOrEqual(1);
    expect(run.metrics?.startMs).toBeGreaterThan(0);
    expect(run.metrics).toMatchObject({ attempts: {}, deniedFiles: null, privilegeAttempts: null });
    const bad = await box.run('getent hosts a.example; getent hosts b.example; mkfifo pipe');
    expect(bad.metrics?.attempts).toEqual({ dns: 4, file: 1 });
  });
});
