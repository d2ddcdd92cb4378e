import { describe, expect, it } from 'vitest';
import { mutant } from '../../bench/detect/mutation/mutate.js';
import { asPackage, originals } from '../../bench/detect/mutation/packages.js';
import { flaggedShare, judgeMutants, type Survivor } from '../../bench/detect/mutation/survival.js';
import { analyzePackage, defaultRulesFolder, loadRules } from '../../src/analyze/index.js';

const rules = loadRules([defaultRulesFolder()]);
const all = await originals();

describe('mutants of malicious fixtures', () => {
  it('come from at least a hundred fixtures, and differ from them', async () => {
    expect(all.length).toBeGreaterThanOrEqual(100);
    const [first] = all;
    if (first === undefined) throw new Error('no fixture');
    const { files, steps } = await mutant(first.files, 'seed', 1);
    expect(steps.length).toBeGreaterThan(0);
    expect([...files.values()].map(String)).not.toEqual([...first.files.values()].map(String));
  });

  it('are the same for the same seed', async () => {
    const [first] = all;
    if (first === undefined) throw new Error('no fixture');
    const texts = async (): Promise<string[]> =>
      [...(await mutant(first.files, 'seed', 5)).files].map(([path, bytes]) => `${path}\n${bytes}`);
    expect(await texts()).toEqual(await texts());
  });

  // One mutant of every fixture, each with another rewrite; `npm run bench:mutation` judges twenty of all.
  it('stay flagged in nine of ten cases where the fixture is', { timeout: 600_000 }, async () => {
    const flagged = all.filter(({ files }) => analyzePackage(asPackage(files), rules).action !== 'allow');
    const survivors: Survivor[] = [];
    for (const [index, original] of flagged.entries())
      survivors.push(...(await judgeMutants(original, [index % 13], rules)));
    const lost = survivors.filter(({ action }) => action === 'allow' || action === 'failed');
    expect(flagged.length).toBeGreaterThan(all.length * 0.95);
    expect(
      flaggedShare(survivors),
      lost.map(({ id, steps }) => `${id}: ${steps.join(' + ')}`).join('\n'),
    ).toBeGreaterThanOrEqual(0.9);
  });
});
