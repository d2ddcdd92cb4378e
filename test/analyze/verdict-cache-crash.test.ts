import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVerdictCache } from '../../src/analyze/index.js';
import type { Verdict } from '../../src/model.js';

const verdict: Verdict = {
  action: 'allow',
  score: 3,
  findings: [],
  capabilities: ['network'],
  stats: { files: 1, bytes: 2, parsed: 1, ms: 4, fromCache: false },
};
const keyOf = (number: number): string => {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(number);
  return `sha512-${bytes.toString('base64')}`;
};
// The built cache, as installs run it; the tests' set-up builds it.
const built = new URL('../../dist/analyze/verdict-cache.js', import.meta.url).href;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'si-verdicts-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const segment = (): string =>
  join(home, 'verdicts', readdirSync(join(home, 'verdicts')).find((n) => n.endsWith('.jsonl'))!);

test('a segment that ends after any byte gives every record before it, and takes new ones', () => {
  const cache = openVerdictCache(home, 'rules', { shipped: null });
  for (let number = 0; number < 3; number += 1) cache.set(keyOf(number), verdict);
  const whole = readFileSync(segment());
  const ends = [0, 1, 2].map((number) => whole.indexOf('\n', whole.indexOf(keyOf(number))));
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(segment(), whole.subarray(0, length));
    const torn = openVerdictCache(home, 'rules', { shipped: null });
    ends.forEach((end, number) => {
      expect(torn.get(keyOf(number)) !== null, `record ${number} of ${length} bytes`).toBe(length >= end);
    });
    torn.set(keyOf(9), verdict);
    expect(openVerdictCache(home, 'rules', { shipped: null }).get(keyOf(9))).not.toBeNull();
  }
});

test('any byte that becomes garbage loses its own record at most', () => {
  const cache = openVerdictCache(home, 'rules', { shipped: null });
  cache.set(keyOf(0), verdict);
  cache.set(keyOf(1), verdict);
  const whole = readFileSync(segment());
  for (let at = 0; at < whole.length; at += 1) {
    const rotten = Buffer.from(whole);
    rotten.writeUInt8(0xff, at);
    writeFileSync(segment(), rotten);
    const read = openVerdictCache(home, 'rules', { shipped: null });
    const known = [0, 1].filter((number) => read.get(keyOf(number)) !== null);
    expect(known.length).toBeGreaterThanOrEqual(1);
    for (const number of known) expect(read.get(keyOf(number))).toMatchObject({ action: 'allow', score: 3 });
  }
});

test('three processes write, one is killed: what the others were told is kept is there', async () => {
  const code = `
    import { openVerdictCache } from ${JSON.stringify(built)};
    const cache = openVerdictCache(${JSON.stringify(home)}, 'rules', { shipped: null });
    const verdict = ${JSON.stringify({ ...verdict, capabilities: Array.from({ length: 400 }, (_, at) => `capability-${at}`) })};
    const from = Number(process.argv.at(-1));
    for (let number = from; number < from + 300; number += 1) {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32LE(number);
      cache.set('sha512-' + bytes.toString('base64'), verdict);
      process.stdout.write(number + '\\n');
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const kept = new Set<number>();
  const writers = [0, 1000, 2000].map((from): ChildProcess => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, '--', String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) kept.add(Number(line));
      if (from === 1000 && lines.some((line) => Number(line) > 1100)) child.kill('SIGKILL');
    });
    return child;
  });
  await Promise.all(writers.map((child) => once(child, 'close')));
  // The same code as the writers': the engine's version tells sources from what was built.
  const { openVerdictCache: openBuilt } = (await import(built)) as { openVerdictCache: typeof openVerdictCache };
  const cache = openBuilt(home, 'rules', { shipped: null });
  expect(kept.size).toBeGreaterThan(700);
  expect([...kept].filter((number) => cache.get(keyOf(number)) === null)).toEqual([]);
});

test('a segment that cannot be written costs no install: the verdict holds for this one', () => {
  const cache = openVerdictCache(home, 'rules', { shipped: null });
  cache.set(keyOf(0), verdict);
  rmSync(join(home, 'verdicts'), { recursive: true });
  writeFileSync(join(home, 'verdicts'), 'a file where the folder was');
  expect(() => cache.set(keyOf(1), verdict)).not.toThrow();
  expect(cache.get(keyOf(1))).not.toBeNull();
});
