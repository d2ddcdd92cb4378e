import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openJournal } from '../../bench/harness/journal.js';
import { measure } from '../../bench/harness/measure.js';
import { type Contender, runRounds } from '../../bench/harness/rounds.js';
import { makeSynthetic, syntheticCount } from '../../bench/install/synthetic.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'si-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shell = (script: string) => ({
  argv: ['sh', '-c', script],
  cwd: folder,
  env: { PATH: process.env['PATH'] ?? '' },
});
const contender = (name: string, script: string, more: Partial<Contender> = {}): Contender => ({
  name,
  prepare: async () => {},
  command: () => shell(script),
  check: async () => {},
  ...more,
});

describe('measuring', () => {
  test('gives exit code, output and time', async () => {
    const { exitCode, output, wall, timedOut } = await measure(shell('sleep 0.2; echo said; exit 3'));
    expect({ exitCode, output: output.trim(), timedOut }).toEqual({ exitCode: 3, output: 'said', timedOut: undefined });
    expect(wall).toBeGreaterThan(0.19);
  });

  test('ends a command and what it started at the limit', async () => {
    const { exitCode, timedOut, wall } = await measure(shell('(sleep 1; touch late) & sleep 30'), 300);
    expect(timedOut).toBe(true);
    expect(exitCode).not.toBe(0);
    expect(wall).toBeLessThan(20);
    await wait(1300);
    expect(existsSync(join(folder, 'late'))).toBe(false);
  });
});

describe('rounds', () => {
  const quiet = { log: () => {} };

  test('are not run again where a journal has them', async () => {
    const file = join(folder, 'journal');
    const counting = contender('a', 'echo run >> runs');
    const options = (resume: boolean) => ({
      ...quiet,
      rounds: 2,
      journal: { journal: openJournal(file, resume), prefix: 'p' },
    });
    await runRounds([counting], options(false));
    appendFileSync(file, '{"key":"p/9/a","val');
    await runRounds([counting], options(true));
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\nrun\n');
    await runRounds([counting], options(false));
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n'.repeat(4));
  });

  test('leave out a contender that failed twice, and keep the others', async () => {
    const failing = contender('failing', 'echo tried >> tries; exit 1');
    const rounds = await runRounds([failing, contender('good', 'true')], { ...quiet, rounds: 5 });
    expect(readFileSync(join(folder, 'tries'), 'utf8')).toBe('tried\ntried\n');
    expect(rounds.map((round) => round.get('failing'))).toEqual([null, null, null, null, null]);
    expect(rounds.every((round) => round.get('good') !== null)).toBe(true);
  });

  test('repeat a run once whose cause was removed', async () => {
    const mended = contender('mended', 'test -e mended || exit 11', {
      mend: async ({ exitCode }) => {
        appendFileSync(join(folder, 'mended'), '');
        return exitCode === 11;
      },
    });
    const [round] = await runRounds([mended], { ...quiet, rounds: 1 });
    expect(round?.get('mended')?.exitCode).toBe(0);
  });

  test('count a contender that cannot be prepared as failed', async () => {
    const broken = contender('broken', 'true', { prepare: async () => Promise.reject(new Error('no')) });
    const [round] = await runRounds([broken], { ...quiet, rounds: 1 });
    expect(round?.get('broken')).toBeNull();
  });
});

test('a journal gives back only values of the shape asked for', () => {
  const journal = openJournal(join(folder, 'j'), false);
  journal.put('a', ['x']);
  expect(journal.get('a', z.array(z.string()))).toEqual(['x']);
  expect(journal.get('a', z.number())).toBeUndefined();
  expect(journal.get('b', z.array(z.string()))).toBeUndefined();
});

test('a synthetic project is the same every time, and its lock file fits its tarballs', async () => {
  expect(['synthetic-5000', 'synthetic-0', 'small', 'synthetic-x'].map(syntheticCount)).toEqual([
    5000,
    null,
    null,
    null,
  ]);
  await makeSynthetic(12, join(folder, 'one'), join(folder, 'registry'));
  await makeSynthetic(12, join(folder, 'two'), join(folder, 'other'));
  const lock = (name: string) => readFileSync(join(folder, name, 'package-lock.json'), 'utf8');
  expect(lock('one')).toBe(lock('two'));
  const { packages } = JSON.parse(lock('one')) as { packages: Record<string, { integrity?: string }> };
  const entries = Object.entries(packages).filter(([location]) => location !== '');
  expect(entries).toHaveLength(12);
  for (const [location, { integrity }] of entries) {
    const name = location.slice('node_modules/'.length);
    const file = join(folder, 'registry/tarballs', `${name}+-+${name}-1.0.0.tgz`);
    expect(existsSync(file)).toBe(true);
    expect(integrity).toBe(`sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`);
  }
});
