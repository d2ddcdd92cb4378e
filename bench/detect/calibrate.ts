// What other thresholds would make of the scores: `npm run bench:calibrate -- results.json [--review 30,40,50] [--block 70,75,80]`,
// with the file that `npm run bench:detect -- --json results.json` wrote.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DEFAULT_THRESHOLDS } from '../../src/analyze/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    review: { type: 'string', default: '25,30,35,40,45,50,55' },
    block: { type: 'string', default: '65,70,75,80,85' },
  },
});
const resultsSchema = z.array(
  z.object({
    name: z.string(),
    judged: z.array(
      z.object({
        sample: z.object({ set: z.string(), id: z.string() }),
        outcome: z.object({ action: z.string(), score: z.number().nullable() }),
      }),
    ),
  }),
);

const [file] = positionals;
if (file === undefined) throw new Error('Name the file that bench:detect --json wrote.');
const results = resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
const judged = results.find(({ name }) => name === 'safe-install')?.judged ?? [];
const sets = [...new Set(judged.map(({ sample }) => sample.set))];
const numbers = (text: string): number[] => text.split(',').map(Number);

/** Flagged and blocked of a set; a verdict that a rule's floor raised above its score stays where it is. */
function rates(set: string, review: number, block: number): string {
  const of = judged.filter(({ sample }) => sample.set === set);
  const raised = ({ action, score }: { action: string; score: number | null }) =>
    action === 'review' && (score ?? 0) < DEFAULT_THRESHOLDS.review;
  const blocked = of.filter(({ outcome }) => (outcome.score ?? 0) >= block);
  const flagged = of.filter(({ outcome }) => (outcome.score ?? 0) >= review || raised(outcome));
  const percent = (count: number) => `${((100 * count) / Math.max(1, of.length)).toFixed(1)}%`;
  return `${percent(flagged.length)} / ${percent(blocked.length)}`;
}

console.log(`| review | block | ${sets.map((set) => `${set}: flagged / blocked`).join(' | ')} |`);
console.log(`|---|---|${sets.map(() => '---').join('|')}|`);
for (const review of numbers(values.review))
  for (const block of numbers(values.block)) {
    const isDefault = review === DEFAULT_THRESHOLDS.review && block === DEFAULT_THRESHOLDS.block;
    const mark = isDefault ? '**' : '';
    console.log(
      `| ${mark}${review}${mark} | ${mark}${block}${mark} | ${sets.map((set) => rates(set, review, block)).join(' | ')} |`,
    );
  }
