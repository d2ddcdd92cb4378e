// Do malicious fixtures stay flagged when they are rewritten: `npm run bench:mutation -- [--mutants 20] [--only id,…]
// [--json file] [--write]`. The aim is 90% of the mutants of each fixture.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { defaultRulesFolder, loadRules } from '../../../src/analyze/index.js';
import { describeEnvironment, environmentLine } from '../../harness/environment.js';
import { writeSection } from '../../harness/results.js';
import { percentile } from '../rates.js';
import { originals } from './packages.js';
import { flaggedShare, judgeMutants, type Survivor, sharesBy } from './survival.js';

const AIM = 0.9;

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '20' },
    only: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const only = values.only?.split(',');
const rules = loadRules([defaultRulesFolder()]);
const chosen = (await originals()).filter(({ sample }) => only?.includes(sample.id) ?? true);
const numbers = Array.from({ length: Number(values.mutants) }, (_, index) => index);
const environment = describeEnvironment('.');
const survivors: Survivor[] = [];
for (const [index, original] of chosen.entries()) {
  survivors.push(...(await judgeMutants(original, numbers, rules)));
  if ((index + 1) % 20 === 0) console.error(`${index + 1} of ${chosen.length} fixtures`);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const byFixture = sharesBy(survivors, ({ id }) => [id]);
const below = byFixture.filter(([, share]) => share < AIM);
const table = (title: string, rows: [string, number, number][]): string[] => [
  `| ${title} | flagged | mutants |`,
  '|---|---|---|',
  ...rows.map(([key, share, n]) => `| ${key} | ${percent(share)} | ${n} |`),
];
const page = [
  '## Mutants',
  '',
  `\`npm run bench:mutation\`. ${environmentLine(environment.finish())}`,
  `${chosen.length} malicious JavaScript fixtures × ${numbers.length} seeded rewrites: ${percent(flaggedShare(survivors))} of`,
  `${survivors.length} mutants flagged; ${chosen.length - below.length} fixtures at ${percent(AIM)} or more;`,
  `${survivors.filter(({ action }) => action === 'failed').length} crashes;`,
  `p50 ${percentile(
    survivors.map(({ ms }) => ms),
    0.5,
  ).toFixed(0)} ms, p95 ${percentile(
    survivors.map(({ ms }) => ms),
    0.95,
  ).toFixed(0)} ms a mutant.`,
  '',
  ...table(
    'rewrite (alone or with others)',
    sharesBy(survivors, ({ steps }) => steps),
  ),
  '',
  ...(below.length === 0 ? [`No fixture is below ${percent(AIM)}.`] : table(`below ${percent(AIM)}`, below)),
].join('\n');
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(survivors, null, 1));
if (values.write) await writeSection('mutation', page);
console.log(page);
