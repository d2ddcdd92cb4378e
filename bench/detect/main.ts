// What the analyzer finds and where it cries wolf: `npm run bench:detect -- [--only malicious,look-alike] [--no-peer]
// [--json file] [--write]`. Real packages are fetched once into the bench cache.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeEnvironment } from '../harness/environment.js';
import { writeSection } from '../harness/results.js';
import { type Contender, judge } from './contender.js';
import { corpus } from './corpus.js';
import { fixtures } from './fixtures.js';
import { detectionPage, type Result } from './page.js';
import { jsXRay } from './peer.js';
import type { Sample } from './sample.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'no-peer': { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const log = (line: string): void => console.error(line);
const sets = values.only?.split(',');
const wants = (set: string): boolean => sets === undefined || sets.includes(set);

const samples: Sample[] = [...(await fixtures('malicious')), ...(await fixtures('benign'))];
const real =
  wants('real with scripts') || wants('real popular') ? await corpus(log) : { samples: [], missing: [] as string[] };
const chosen = [...samples, ...real.samples].filter(({ set }) => wants(set));

const own: Contender = { name: 'safe-install', module: './own.child.ts', execArgv: ['--import', 'tsx'], args: [] };
const contenders = values['no-peer'] ? [own] : [own, await jsXRay()];
const environment = describeEnvironment('.');
const results: Result[] = [];
for (const contender of contenders) {
  const outcomes = await judge(contender, chosen, log);
  const judged = outcomes.flatMap((outcome, index) => {
    const sample = chosen[index];
    return sample === undefined ? [] : [{ sample, outcome }];
  });
  results.push({ name: contender.name, judged });
}

const page = detectionPage(results, environment.finish(), real.missing);
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, null, 1));
if (values.write) await writeSection('detection', page);
console.log(page);
