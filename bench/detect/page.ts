import { type Environment, environmentLine } from '../harness/environment.js';
import { type Counts, count, type Judged, percentile, quality } from './rates.js';
import type { Sample, SampleSet } from './sample.js';

/** One contender's answers to all samples. */
export interface Result {
  name: string;
  judged: Judged[];
}

const SETS: { set: SampleSet; what: string }[] = [
  { set: 'malicious', what: 'malicious fixtures' },
  { set: 'look-alike', what: 'benign look-alikes' },
  { set: 'real with scripts', what: 'real packages with install scripts' },
  { set: 'real popular', what: 'real popular packages without' },
];

/** The section "Detection" of bench/RESULTS.md; `own` is the first result. */
export function detectionPage(results: Result[], environment: Environment, missing: string[]): string {
  const own = results[0];
  if (own === undefined) throw new Error('no result to write about');
  return [
    '## Detection',
    '',
    `\`npm run bench:detect\`. ${environmentLine(environment)}`,
    'Flagged means review or block; no LLM; default thresholds. The fixtures are the set that rules are developed on, so',
    'their rates say what is covered, not what to expect of unseen malware.',
    missing.length > 0 ? `Not fetched: ${missing.join(', ')}.` : '',
    '',
    ...qualityTable(results),
    '',
    ...setTable(results),
    '',
    ...costTable(results),
    '',
    ...groupTable(own, 'phase', ({ phase }) => phase),
    '',
    ...groupTable(own, 'family', ({ family }) => family),
    '',
    ...names(own),
  ]
    .filter((line, index, all) => line !== '' || all[index - 1] !== '')
    .join('\n');
}

function qualityTable(results: Result[]): string[] {
  return [
    '| scanner | bar | precision | recall | F1 |',
    '|---|---|---|---|---|',
    ...results.flatMap(({ name, judged }) =>
      (['flagged', 'blocked'] as const).map((bar) => {
        const { precision, recall, f1 } = quality(judged, bar);
        return `| ${name} | ${bar} | ${percent(precision)} | ${percent(recall)} | ${percent(f1)} |`;
      }),
    ),
  ];
}

function setTable(results: Result[]): string[] {
  const cells = ({ judged }: Result, set: SampleSet): string => {
    const counts = count(judged, (sample) => sample.set === set);
    return `${rate(counts.flagged, counts)} | ${rate(counts.blocked, counts)}`;
  };
  return [
    `| set | n | ${results.map(({ name }) => `${name}: flagged | blocked`).join(' | ')} |`,
    `|---|---|${results.map(() => '---|---|').join('')}`,
    ...SETS.map(({ set, what }) => {
      const n = count(results[0]?.judged ?? [], (sample) => sample.set === set).n;
      return `| ${what} | ${n} | ${results.map((result) => cells(result, set)).join(' | ')} |`;
    }),
  ];
}

function costTable(results: Result[]): string[] {
  return [
    '| scanner | CPU ms p50 | p95 | p99 | max | resident MB p50 | max | crashed or hung |',
    '|---|---|---|---|---|---|---|---|',
    ...results.map(({ name, judged }) => {
      const ms = judged.map(({ outcome }) => outcome.ms);
      const rss = judged.map(({ outcome }) => outcome.rssMb);
      const at = (values: number[], share: number): string => percentile(values, share).toFixed(0);
      return `| ${name} | ${at(ms, 0.5)} | ${at(ms, 0.95)} | ${at(ms, 0.99)} | ${at(ms, 1)} | ${at(rss, 0.5)} | ${at(rss, 1)} | ${count(judged).failed} |`;
    }),
  ];
}

function groupTable({ judged }: Result, title: string, key: (sample: Sample) => string | null): string[] {
  const keys = [...new Set(judged.map(({ sample }) => key(sample)))].filter((value) => value !== null).toSorted();
  const cell = (counts: Counts): string =>
    counts.n === 0 ? '– | –' : `${counts.flagged}/${counts.n} | ${counts.blocked}/${counts.n}`;
  return [
    `| ${title} | malicious: flagged | blocked | look-alikes: flagged | blocked |`,
    '|---|---|---|---|---|',
    ...keys.map((value) => {
      const of = (set: SampleSet): Counts => count(judged, (sample) => sample.set === set && key(sample) === value);
      return `| ${value} | ${cell(of('malicious'))} | ${cell(of('look-alike'))} |`;
    }),
  ];
}

function names({ name, judged }: Result): string[] {
  const list = (what: string, fits: (one: Judged) => boolean): string[] => {
    const found = judged.filter(fits).map(({ sample, outcome }) => {
      const why = outcome.error ?? outcome.rules.slice(0, 3).join(', ');
      return `${sample.id}${why === '' ? '' : ` (${why})`}`;
    });
    return [`- ${what}: ${found.length === 0 ? 'none' : found.join('; ')}.`];
  };
  const malicious = ({ sample }: Judged): boolean => sample.set === 'malicious';
  return [
    `By name, ${name}:`,
    '',
    ...list('missed (allow)', (one) => malicious(one) && !['review', 'block'].includes(one.outcome.action)),
    ...list('only review where block is right', (one) => {
      const { right } = one.sample;
      return malicious(one) && one.outcome.action === 'review' && !right.includes('review');
    }),
    ...list('benign blocked', (one) => !malicious(one) && one.outcome.action === 'block'),
    ...list('benign to review', (one) => {
      return !malicious(one) && one.outcome.action === 'review' && !one.sample.right.includes('review');
    }),
    ...list('crashed or hung', ({ outcome }) => outcome.action === 'failed'),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function rate(part: number, { n }: Counts): string {
  return n === 0 ? '–' : `${part} (${percent(part / n)})`;
}
